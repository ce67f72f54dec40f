import type { Context } from 'hono';
import type { Mchid } from '../../base/ids.js';
import { perLanguage, type Both, type Language } from '../../base/language.js';
import { ApiError, ERRORS } from '../../http/kit/api-error.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { page } from '../../ops/kit/page.js';
import { Chip } from '../../ops/kit/pieces.js';
import { beijingDate } from '../rules/day.js';
import { loadCalendar } from '../store/calendar.js';
import { neighboursOf, parseMonth, weeksOf, type Month, type MonthDay } from './month.js';
import {
  CALENDAR_PATH,
  dayPath,
  DISCREPANCIES_PATH,
  MerchantField,
  merchantOf,
  pathWith,
  ReconciliationTabs,
  reconciliationTitle,
} from './place.js';
import { RunForm, type Refused } from './run-form.js';
import { DAY_TONES, RECONCILIATION_WORDS, type DayMark } from './words.js';

/** `/ops/reconciliation`: a month of days of one merchant, by state. */
export async function showCalendar(
  c: Context<IngressEnv>,
  deps: IngressDeps,
  refused: Refused | null = null,
): Promise<Response> {
  const now = deps.now();
  const mchid = refused?.mchid ?? merchantOf(c);
  const month = parseMonth(c.req.query('month') ?? '', now);
  if (!month.ok) throw new ApiError('invalid_request', 'query month: must be a month up to this one, as 2026-03.');
  const { first: from, last: to } = month.value;
  const weeks = weeksOf(month.value, await loadCalendar(deps.connection.db, { mchid, from, to }), now);
  const title = reconciliationTitle[c.get('language')];
  const shown = { c, mchid, month: month.value, now };
  return page(
    c,
    { title, active: CALENDAR_PATH, status: refused === null ? 200 : ERRORS[refused.code].status },
    <div class="reconciliation">
      <ReconciliationTabs c={c} active={CALENDAR_PATH} />
      <p class="lead">{TEXTS[c.get('language')].lead}</p>
      <section class="card" id="calendar" data-month={month.value.name}>
        <MonthHead {...shown} />
        <Totals weeks={weeks} language={c.get('language')} />
        <MonthTable {...shown} weeks={weeks} />
      </section>
      <RunForm c={c} mchid={mchid} now={now} refused={refused} />
    </div>,
  );
}

type Shown = {
  readonly c: Context<IngressEnv>;
  readonly mchid: Mchid;
  readonly month: Month;
  readonly now: Date;
};

function MonthHead({ c, mchid, month, now }: Shown) {
  const texts = TEXTS[c.get('language')];
  const { before, after } = neighboursOf(month, now);
  const toMonth = (name: string) => pathWith(CALENDAR_PATH, { mchid, month: name });
  return (
    <div class="card-head">
      <h2>{month.name}</h2>
      <nav class="buttons" aria-label={texts.months}>
        {before === null ? null : (
          <a class="button small" rel="prev" href={toMonth(before)}>
            ‹ {before}
          </a>
        )}
        {after === null ? null : (
          <a class="button small" rel="next" href={toMonth(after)}>
            {after} ›
          </a>
        )}
      </nav>
      {c.get('operator').mchids.length < 2 ? null : (
        <form class="choose" method="get" action={CALENDAR_PATH}>
          <MerchantField c={c} mchid={mchid} />
          <input type="hidden" name="month" value={month.name} />
          <button class="button" type="submit">
            {texts.show}
          </button>
        </form>
      )}
    </div>
  );
}

/** How many days of each state: what a look at the month should tell first. */
function Totals({ weeks, language }: { readonly weeks: readonly Week[]; readonly language: Language }) {
  const counts = new Map<DayMark, number>();
  for (const day of weeks.flat())
    if (day !== null && day.mark !== 'future' && day.mark !== 'today')
      counts.set(day.mark, (counts.get(day.mark) ?? 0) + 1);
  return (
    <ul class="legend" aria-label={TEXTS[language].totals}>
      {[...counts].map(([mark, count]) => (
        <li>
          <Chip tone={DAY_TONES[mark]}>{RECONCILIATION_WORDS[language].mark[mark]}</Chip> <b>{count}</b>
        </li>
      ))}
    </ul>
  );
}

type Week = readonly (MonthDay | null)[];

function MonthTable({ c, mchid, month, now, weeks }: Shown & { readonly weeks: readonly Week[] }) {
  const texts = TEXTS[c.get('language')];
  return (
    <table class="calendar">
      <caption class="visually-hidden">{`${month.name} · ${mchid}`}</caption>
      <thead>
        <tr>
          {texts.weekdays.map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr>
            {week.map((day, weekday) =>
              day === null ? (
                <td class="no-day"></td>
              ) : (
                <Day c={c} mchid={mchid} day={day} weekday={texts.weekdays[weekday] ?? ''} now={now} />
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type DayProps = Pick<Shown, 'c' | 'mchid' | 'now'> & { readonly day: MonthDay; readonly weekday: string };

function Day({ c, mchid, day, weekday, now }: DayProps) {
  const { date, mark, open, isRunning, isStuck } = day;
  const language = c.get('language');
  const texts = TEXTS[language];
  const isToday = date === beijingDate(now);
  const number = (
    <>
      <time datetime={date}>{Number(date.slice(-2))}</time> <span class="weekday soft">{weekday}</span>
    </>
  );
  const hasPage = mark !== 'future' && mark !== 'today';
  return (
    <td
      class={`day day-${mark}${isStuck ? ' day-stuck' : ''}`}
      data-date={date}
      data-mark={mark}
      {...(isToday ? TODAY : {})}
    >
      <p class="day-head">{hasPage ? <a href={dayPath({ mchid, date })}>{number}</a> : number}</p>
      {mark === 'future' ? null : (
        <p>
          <Chip tone={DAY_TONES[mark]}>{RECONCILIATION_WORDS[language].mark[mark]}</Chip>
        </p>
      )}
      {isRunning && mark !== 'waiting' ? <p class="small soft">{texts.running}</p> : null}
      {isStuck ? <p class="small differs">{texts.stuck}</p> : null}
      {open === 0 ? null : (
        <p class="small">
          <a class="open-count" href={pathWith(DISCREPANCIES_PATH, { mchid, from: date, to: date })}>
            {texts.open(String(open))}
          </a>
        </p>
      )}
    </td>
  );
}

const TODAY = { 'aria-current': 'date' } as const;

const TEXTS = perLanguage({
  lead: [
    '每天 10:05（北京时间）后自动对前一天的账，从商户在这里的第一个订单那天开始。红色的日子需要有人看；“等待中”的会自己继续。',
    'From the day of a merchant’s first order here on, each day is reconciled by itself after 10:05 of the next one, Beijing time. Red days need a person; waiting ones go on by themselves.',
  ],
  months: ['月份', 'Months'],
  show: ['查看', 'Show'],
  totals: ['本月各状态的天数', 'Days of the month by state'],
  weekdays: [
    ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
    ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  ] satisfies Both<readonly string[]>,
  running: ['正在对账', 'A run is under way'],
  stuck: ['需要有人处理', 'Needs a person'],
  open: [(count: string) => `${count} 条未了结`, (count: string) => `${count} open`],
});
