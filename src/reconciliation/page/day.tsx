import type { Context } from 'hono';
import { reconciliationWorkflowId } from '../../base/ids.js';
import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { ActForm } from '../../ops/kit/acting.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import { page } from '../../ops/kit/page.js';
import { Chip, Facts, TemporalLink, temporalUrl, When, type Tone } from '../../ops/kit/pieces.js';
import { Events } from '../../orders/page/tables.js';
import { hasEndpoint } from '../../orders/use-cases/explanation.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import { listDayEvents } from '../../shop-events/store/outbox.js';
import { parseBillDate, reconcilableDate } from '../rules/day.js';
import { fenOfMillifen } from '../rules/fee.js';
import { explainDay, type DayExplanation } from '../rules/explain.js';
import type { DayRef } from '../store/bill.js';
import { loadDay, type DayDetail } from '../store/day.js';
import type { DiscrepancyRecord } from '../store/discrepancies.js';
import { discrepanciesTold } from '../store/end.js';
import { Bills, Classes } from './day-tables.js';
import { DAY_TEXTS } from './day-text.js';
import { markOf } from './month.js';
import { Numbers } from './numbers.js';
import { CALENDAR_PATH, dayPath, DISCREPANCIES_PATH, discrepancyPath, pathWith } from './place.js';
import { classWords, DAY_TONES, RECONCILIATION_WORDS } from './words.js';

const REFRESH_SECONDS = 15;

/** What the shop was told last. */
const EVENTS = 20;

/** The day that the address names. Throws `forbidden`, `invalid_request`. */
export function dayOf(c: Context<IngressEnv>): DayRef {
  const mchid = requireMerchant(c, c.req.param('mchid') ?? '');
  const date = parseBillDate(c.req.param('date') ?? '');
  if (!date.ok) throw new ApiError('invalid_request', 'path date: must be a calendar day, as 2026-03-01.');
  return { mchid, date: date.value };
}

/** A day's page: what it waits for, both bills, both sides by class, and a way to run it. */
export async function showDay(c: Context<IngressEnv>, deps: IngressDeps): Promise<Response> {
  const ref = dayOf(c);
  const language = c.get('language');
  const now = deps.now();
  const { db } = deps.connection;
  const day = await loadDay(db, ref);
  const events = await listDayEvents(db, ref, EVENTS);
  // A header rather than an element: it works with scripts and without.
  if (day?.finishedAt === null) c.header('Refresh', String(REFRESH_SECONDS));
  const mark = day?.state ?? markOf(ref.date, now);
  const heading = (
    <>
      {ref.date} <Chip tone={DAY_TONES[mark]}>{RECONCILIATION_WORDS[language].mark[mark]}</Chip>
    </>
  );
  const told = await discrepanciesTold(db, ref.mchid, events);
  const aboutOf = ({ id }: MerchantEventRecord) => <About of={told.get(id)} language={language} />;
  const shown = { c, deps, ref, now, language };
  const shownEvents = {
    ...{ language, events, aboutOf, hasEndpoint: hasEndpoint(deps, ref.mchid) },
    temporal: (id: string) => temporalUrl(deps, id),
  };
  return page(
    c,
    { title: `${ref.date} · ${DAY_TEXTS[language].title}`, heading, active: CALENDAR_PATH },
    <div class="reconciliation" id="day" data-state={mark} data-run={String(day?.run ?? 0)}>
      <Flash done={c.req.query('done')} language={language} />
      {day === undefined ? <NotBegun {...shown} /> : <Standing {...shown} day={day} />}
      {day === undefined ? null : <Bills day={day} now={now} language={language} />}
      {day === undefined ? null : <Classes day={day} language={language} />}
      {events.length === 0 ? null : <Events model={shownEvents} />}
    </div>,
  );
}

type AboutProps = { readonly of: DiscrepancyRecord | undefined; readonly language: Language };

/** What of the day an event told: its discrepancy, and the order or refund of that. */
const About = ({ of, language }: AboutProps) =>
  of === undefined ? null : (
    <div class="why">
      <a href={discrepancyPath(of)}>{classWords(of.class, language)}</a>
      <Numbers of={of} language={language} />
    </div>
  );

/** In words of ours alone. */
function Flash({ done, language }: { readonly done: string | undefined; readonly language: Language }) {
  const known = (['run', 'joined'] as const).find((it) => it === done);
  return known === undefined ? null : (
    <p class="flash" id="flash" role="status" data-flash={known}>
      {DAY_TEXTS[language].done[known]}
    </p>
  );
}

type Shown = {
  readonly c: Context<IngressEnv>;
  readonly deps: IngressDeps;
  readonly ref: DayRef;
  readonly now: Date;
  readonly language: Language;
};
type ShownDay = Shown & { readonly day: DayDetail };

function NotBegun(shown: Shown) {
  const { ref, now, language } = shown;
  return (
    <section class="card explain" id="explain">
      <p class="explain-text">{RECONCILIATION_WORDS[language].why[markOf(ref.date, now)]}</p>
      <p class="soft id">{ref.mchid}</p>
      <RunForm {...shown} form="first" />
    </section>
  );
}

function Standing(shown: ShownDay) {
  const { day, now, language } = shown;
  const explanation = explainDay(day, now);
  return (
    <section
      class={`card explain explain-${toneOf(day, explanation)}`}
      id="explain"
      data-waiting-for={explanation.waitingFor}
    >
      <p class="explain-text">{explanation.text[language]}</p>
      <OpenByClass day={day} language={language} />
      <dl class="facts">
        <Waits {...shown} explanation={explanation} />
        <RunFacts {...shown} />
      </dl>
      <RunForm {...shown} form={day.finishedAt === null ? 'running' : 'again'} />
      <Commands commands={explanation.commands} language={language} />
    </section>
  );
}

/** A run that waits for a person is as red as a day that does. */
const toneOf = ({ state, finishedAt }: DayDetail, { actor }: DayExplanation): Tone =>
  finishedAt === null && actor === 'operator' ? 'bad' : DAY_TONES[state];

function Waits({ now, language, explanation }: Shown & { readonly explanation: DayExplanation }) {
  const texts = DAY_TEXTS[language];
  if (explanation.waitingFor === 'nothing') return null;
  const { since, nextAt, nextStep, nextStepZh } = explanation;
  return (
    <Facts
      of={[
        [texts.since, <When at={new Date(since)} now={now} language={language} />],
        [
          texts.next,
          <>
            {language === 'zh' ? nextStepZh : nextStep}{' '}
            {nextAt === null ? null : <When at={new Date(nextAt)} now={now} language={language} />}
          </>,
        ],
      ]}
    />
  );
}

function RunFacts({ deps, ref, now, day, language }: ShownDay) {
  const texts = DAY_TEXTS[language];
  const when = (at: Date) => <When at={at} now={now} language={language} />;
  const temporal = temporalUrl(deps, reconciliationWorkflowId(ref.mchid, ref.date));
  return (
    <Facts
      of={[
        [texts.merchant, <span class="id">{ref.mchid}</span>],
        [
          texts.fees,
          day.feeMillifen === null ? null : <b class="money">{formatAmount(fenOfMillifen(day.feeMillifen))}</b>,
        ],
        [texts.run, `${day.run} · ${day.askedBy ?? texts.bySweep}`],
        [texts.startedAt, when(day.startedAt)],
        [texts.finishedAt, day.finishedAt === null ? texts.running : when(day.finishedAt)],
        [texts.workflow, temporal === undefined ? null : <TemporalLink href={temporal} text={texts.temporal} />],
      ]}
    />
  );
}

function OpenByClass({ day: { mchid, date, open }, language }: Pick<ShownDay, 'day' | 'language'>) {
  if (open.length === 0) return null;
  return (
    <ul class="legend" id="open" aria-label={DAY_TEXTS[language].open}>
      {open.map(({ class: name, count }) => (
        <li>
          <a href={pathWith(DISCREPANCIES_PATH, { mchid, class: name, from: date, to: date })}>
            {classWords(name, language)}
          </a>{' '}
          <b>{count}</b>
        </li>
      ))}
    </ul>
  );
}

type RunProps = Shown & { readonly form: 'first' | 'again' | 'running' };

/** Nothing for a day of which there is no bill yet or any more. */
function RunForm({ c, ref, now, language, form }: RunProps) {
  const texts = DAY_TEXTS[language];
  if (!reconcilableDate(ref.date, now).ok) return null;
  return (
    <ActForm action={dayPath(ref)} token={c.get('csrfToken')}>
      <p class="buttons">
        <button class={form === 'running' ? 'button' : 'button primary'} type="submit" id="run">
          {texts.runs[form]}
        </button>
        <span class="hint">{texts.runHints[form]}</span>
      </p>
    </ActForm>
  );
}

type CommandsProps = { readonly commands: readonly string[]; readonly language: Language };

function Commands({ commands, language }: CommandsProps) {
  if (commands.length === 0) return null;
  return (
    <details class="commands">
      <summary>{DAY_TEXTS[language].commands}</summary>
      {commands.map((command) => (
        <pre tabindex={0}>
          <code>{command}</code>
        </pre>
      ))}
    </details>
  );
}
