import { perLanguage, type Language } from '../../base/language.js';
import { codeBlocks, LAST_LINE, readableTime, tableOf } from '../../orders/rules/explain/markdown.js';
import { explainDay, type ExplainedDay } from './explain.js';

/** A day as activities tell it to their workflow: plain JSON. */
export type ShownDay = Pick<ExplainedDay, 'mchid' | 'date' | 'state' | 'failure' | 'waitsFor' | 'open'> & {
  readonly [Time in 'waitingSinceMs' | 'nextAtMs' | 'finishedAtMs']: number | null;
} & {
  readonly startedAtMs: number;
  /** Those with something to say; absent: told by a build that said nothing of them. */
  readonly bills?: ExplainedDay['bills'];
};

export function shownDay(day: ExplainedDay): ShownDay {
  const { mchid, date, state, failure, waitsFor, open, waitingSince, nextAt, startedAt, finishedAt } = day;
  const bills = day.bills
    .filter((it) => it.distrust !== null)
    .map(({ kind, state: standing, distrust, distrustWhy }) => ({ kind, state: standing, distrust, distrustWhy }));
  const times = { waitingSinceMs: msOf(waitingSince), nextAtMs: msOf(nextAt), finishedAtMs: msOf(finishedAt) };
  return { mchid, date, state, failure, waitsFor, open, bills, ...times, startedAtMs: startedAt.getTime() };
}

type Failing = Pick<ExplainedDay, 'mchid' | 'date'> & { readonly nextAt: Date; readonly now: Date };

/** A day whose step fails, where Postgres does not say more of it. */
export const failingDay = ({ mchid, date, nextAt, now }: Failing): ShownDay =>
  shownDay({
    ...{
      mchid,
      date,
      state: 'waiting',
      failure: null,
      waitsFor: 'failing',
      waitingSince: now,
      nextAt,
      stalledSince: null,
    },
    ...{ startedAt: now, finishedAt: null, open: [], bills: [] },
  });

/** The card of {@link explainDay} for the Temporal UI's current details: Markdown, in one language. */
export function dayCard(day: ShownDay, language: Language, nowMs: number): string {
  const { waitingFor, since, nextStep, nextStepZh, nextAt, actor, commands, text } = explainDay(
    explained(day),
    new Date(nowMs),
  );
  const words = WORDS[language];
  const next = language === 'zh' ? nextStepZh : nextStep;
  const open = day.open.reduce((total, { count }) => total + count, 0);
  return [
    `### ${day.date} · ${day.mchid}`,
    '',
    text[language],
    '',
    ...codeBlocks(commands),
    ...tableOf([
      [words.state, `\`${day.state}\`${day.failure === null ? '' : ` · \`${day.failure}\``}`],
      [words.open, open === 0 ? null : String(open)],
      [words.actor, words.actors[actor]],
      [words.since, readableTime(Date.parse(since))],
      [words.next, nextAt === null ? next : `${next} · ${readableTime(Date.parse(nextAt))}`],
      [words.asOf, waitingFor === 'nothing' ? null : readableTime(nowMs)],
    ]),
    ...LAST_LINE,
  ].join('\n');
}

const msOf = (at: Date | null): number | null => at?.getTime() ?? null;

function explained({ waitingSinceMs, nextAtMs, finishedAtMs, startedAtMs, ...day }: ShownDay): ExplainedDay {
  const times = { waitingSince: dateOf(waitingSinceMs), nextAt: dateOf(nextAtMs), finishedAt: dateOf(finishedAtMs) };
  return { ...day, bills: day.bills ?? [], stalledSince: null, ...times, startedAt: new Date(startedAtMs) };
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const WORDS = perLanguage({
  state: ['状态', 'State'],
  open: ['未了结的差异', 'Open discrepancies'],
  actor: ['谁可以处理', 'Who can act'],
  since: ['自', 'Since'],
  next: ['下一步', 'Next'],
  asOf: ['截至', 'As of'],
  actors: {
    nobody: ['无需处理', 'nobody'],
    wechat: ['微信支付', 'WeChat Pay'],
    operator: ['运营人员', 'an operator'],
  },
});
