import type { Context } from 'hono';
import { perLanguage, type Both, type Language } from '../../base/language.js';
import { ERRORS, errorText, type ErrorCode } from '../../http/kit/api-error.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { page } from '../../ops/kit/page.js';
import { Chip, Facts, When } from '../../ops/kit/pieces.js';
import { DISCREPANCY_ACTIONS, isAsked, type DiscrepancyAction } from '../rules/classes.js';
import type { DiscrepancyRecord } from '../store/discrepancies.js';
import { DecisionForm, NOTHING_ENTERED, type DecisionEntered } from './decision-form.js';
import { FieldDifferences } from './field-differences.js';
import { Difference, Numbers, Side } from './numbers.js';
import { CALENDAR_PATH, dayPath, DISCREPANCIES_PATH, discrepancyPath } from './place.js';
import { classWords, RECONCILIATION_WORDS, STATUS_TONES } from './words.js';

type Shown = {
  readonly row: DiscrepancyRecord;
  readonly now: Date;
  readonly entered?: DecisionEntered;
  /** Why what was asked for was not done. */
  readonly refusal?: ErrorCode;
};

/** All about one discrepancy, and what a person may do while it is open. */
export function showDiscrepancy(c: Context<IngressEnv>, shown: Shown): Response | Promise<Response> {
  const { row, entered = NOTHING_ENTERED, refusal } = shown;
  const language = c.get('language');
  const texts = TEXTS[language];
  const name = classWords(row.class, language);
  const heading = (
    <>
      {name} <Chip tone={STATUS_TONES[row.status]}>{RECONCILIATION_WORDS[language].status[row.status]}</Chip>
    </>
  );
  const status = refusal !== undefined ? ERRORS[refusal].status : entered === NOTHING_ENTERED ? 200 : 400;
  const form = {
    path: discrepancyPath(row),
    recheck: recheckOf(row),
    entered,
    language,
    csrfToken: c.get('csrfToken'),
  };
  return page(
    c,
    { title: `${name} · ${row.date}`, heading, active: CALENDAR_PATH, status },
    <div class="reconciliation" id="discrepancy" data-status={row.status} data-class={row.class}>
      <p>
        <a href={DISCREPANCIES_PATH}>‹ {texts.all}</a>
      </p>
      <Said row={row} done={c.req.query('done')} refusal={refusal} language={language} />
      <About row={row} now={shown.now} language={language} />
      <FieldDifferences differences={row.differences} language={language} />
      {row.status === 'open' ? <DecisionForm {...form} /> : null}
    </div>,
  );
}

/** What a recheck does. */
const recheckOf = (row: DiscrepancyRecord): 'recheck' | 'runAgain' => (isAsked(row) ? 'recheck' : 'runAgain');

type SaidProps = {
  readonly row: DiscrepancyRecord;
  readonly done: string | undefined;
  readonly refusal: ErrorCode | undefined;
  readonly language: Language;
};

/** In words of ours alone. */
function Said({ row, done, refusal, language }: SaidProps) {
  const texts = TEXTS[language];
  if (refusal !== undefined)
    return (
      <div class="refusal" id="refusal" role="alert" data-code={refusal}>
        <p>
          <b>{texts.notDone}</b> <code>{refusal}</code>
        </p>
        <p>{errorText(language, refusal)}</p>
      </div>
    );
  const known = DISCREPANCY_ACTIONS.find((it) => it === done);
  return known === undefined ? null : (
    <p class="flash" id="flash" role="status" data-flash={known}>
      {texts.done[known === 'recheck' ? recheckOf(row) : known]}
    </p>
  );
}

type AboutProps = { readonly row: DiscrepancyRecord; readonly now: Date; readonly language: Language };

function About({ row, now, language }: AboutProps) {
  const [texts, words] = [TEXTS[language], RECONCILIATION_WORDS[language]];
  const when = (at: Date | null) => at && <When at={at} now={now} language={language} />;
  return (
    <section class="card">
      <dl class="facts wide">
        <Facts
          of={[
            [texts.bill, <Side of={row} says="billFen" />],
            [texts.own, <Side of={row} says="ownFen" />],
            [texts.difference, <Difference of={row} />],
            [texts.day, <DayOf row={row} />],
            [texts.subject, words.subject[row.subject]],
            [texts.numbers, <Numbers of={row} language={language} />],
            [texts.line, row.kind && row.lineNo && `${words.bill[row.kind]} · ${texts.lineNo(row.lineNo)}`],
            [texts.openedAt, when(row.openedAt)],
            [texts.recheckedAt, when(row.recheckedAt)],
            [texts.recheckedBy, row.recheckedBy && <By who={row.recheckedBy} why={row.recheckReason} />],
            [texts.closedAt, when(row.closedAt)],
            [texts.repairedBy, row.repairedBy && words.repair[row.repairedBy]],
            [texts.closedBy, row.closedBy && <By who={row.closedBy} why={row.reason} />],
          ]}
        />
      </dl>
    </section>
  );
}

const DayOf = ({ row }: { readonly row: DiscrepancyRecord }) => (
  <>
    <a href={dayPath(row)}>{row.date}</a> <span class="soft id">{row.mchid}</span>
  </>
);

const By = ({ who, why }: { readonly who: string; readonly why: string | null }) => (
  <>
    {who}: {why}
  </>
);

const TEXTS = perLanguage({
  all: ['全部差异', 'All discrepancies'],
  notDone: ['没有执行', 'Not done'],
  done: {
    accept: [
      '已接受；数字不变，以后的对账就不再提起。',
      'Accepted. Later runs do not bring it up again while its figures stay.',
    ],
    recheck: [
      '已要求再查，这一天正在重新对账；双方一致后这条差异会自动了结。',
      'WeChat Pay is asked again and the day runs again. Once both sides agree, this closes by itself.',
    ],
    runAgain: [
      '这一天正在重新对账；双方一致后这条差异会自动了结。',
      'The day runs again. Once both sides agree, this closes by itself.',
    ],
    resolve: ['已记为解决。', 'Kept as resolved.'],
  } satisfies Readonly<Record<DiscrepancyAction | 'runAgain', Both>>,
  bill: ['微信', 'WeChat Pay'],
  own: ['本地', 'Here'],
  difference: ['差额', 'Difference'],
  day: ['日期', 'Day'],
  subject: ['对象', 'Of'],
  numbers: ['单号', 'Numbers'],
  line: ['账单行', 'Line'],
  lineNo: [(line: number) => `第 ${line} 行`, (line: number) => `line ${line}`],
  openedAt: ['发现', 'Found'],
  recheckedAt: ['再次核对', 'Looked at again'],
  recheckedBy: ['要求再核对的人与原因', 'Asked by, and why'],
  closedAt: ['了结', 'Closed'],
  repairedBy: ['怎样修复', 'Repaired by'],
  closedBy: ['决定的人与原因', 'Decided by, and why'],
});
