import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { perLanguage, type Language } from '../../base/language.js';
import { ApiError } from '../../http/kit/api-error.js';
import { pageOf } from '../../http/kit/call.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { page } from '../../ops/kit/page.js';
import { Table, Time } from '../../ops/kit/pieces.js';
import { CLASSES, type Class } from '../rules/classes.js';
import type { DayRef } from '../store/bill.js';
import { loadDay } from '../store/day.js';
import type { LineView } from '../rules/view.js';
import { listLines } from '../store/lines.js';
import { dayOf } from './day.js';
import { Difference, Numbers, Side } from './numbers.js';
import { CALENDAR_PATH, dayPath, linesCsvPath, linesPath } from './place.js';
import { classWords, RECONCILIATION_WORDS } from './words.js';

const ROWS = 50;

/** What of a day is of one class, page by page. Throws `reconciliation_not_found`, `invalid_request`. */
export async function showLines(c: Context<IngressEnv>, deps: IngressDeps): Promise<Response> {
  const ref = dayOf(c);
  const name = classOf(c);
  const { db } = deps.connection;
  const day = await loadDay(db, ref);
  if (day === undefined) throw notReconciled();
  const cursor = c.req.query('cursor');
  const { lines, nextCursor } = pageOf(await listLines(db, ref, { class: name, cursor, limit: ROWS }));
  const language = c.get('language');
  const texts = TEXTS[language];
  const isAnyDiscrepant = (of: Class) =>
    day.sums.every((sum) => sum.class !== of) || day.sums.some((sum) => sum.class === of && sum.isDiscrepant);
  const titleOf = (of: Class) => classWords(of, language, isAnyDiscrepant(of));
  const classes = CLASSES.filter((it) => it === name || day.sums.some((sum) => sum.class === it));
  return page(
    c,
    { title: `${ref.date} · ${titleOf(name)}`, active: CALENDAR_PATH },
    <div class="reconciliation" id="lines" data-class={name}>
      <p>
        <a href={dayPath(ref)}>‹ {ref.date}</a> <span class="soft id">{ref.mchid}</span>
      </p>
      <Chosen day={ref} name={name} classes={classes} titleOf={titleOf} language={language} />
      <section class="card">
        {lines.length === 0 ? <p class="empty">{texts.none}</p> : <Lines day={ref} lines={lines} language={language} />}
        <p class="pager">
          {cursor === undefined ? null : <a href={linesPath(ref, name)}>{texts.first}</a>}
          <a class="button" href={linesCsvPath(ref, name)} download>
            {texts.csv}
          </a>
          {nextCursor === null ? null : (
            <a class="button" id="more" rel="next" href={linesPath(ref, name, nextCursor)}>
              {texts.more}
            </a>
          )}
        </p>
      </section>
    </div>,
  );
}

export const notReconciled = (): ApiError =>
  new ApiError('reconciliation_not_found', 'No run of this day was ever begun.');

/** Throws `invalid_request`. */
export function classOf(c: Context<IngressEnv>): Class {
  const name = CLASSES.find((it) => it === c.req.query('class'));
  if (name === undefined) throw new ApiError('invalid_request', 'query class: is not one of the classes.');
  return name;
}

type ChosenProps = {
  readonly day: DayRef;
  readonly name: Class;
  readonly classes: readonly Class[];
  readonly titleOf: (name: Class) => string;
  readonly language: Language;
};

function Chosen({ day, name, classes, titleOf, language }: ChosenProps) {
  return (
    <form class="choose" method="get" action={`${dayPath(day)}/lines`}>
      <label for="class">{TEXTS[language].class}</label>
      <select id="class" name="class">
        {classes.map((it) => (
          <option value={it} selected={it === name}>
            {titleOf(it)}
          </option>
        ))}
      </select>
      <button class="button" type="submit">
        {TEXTS[language].show}
      </button>
    </form>
  );
}

type LinesProps = { readonly day: DayRef; readonly lines: readonly LineView[]; readonly language: Language };

function Lines({ day: { mchid }, lines, language }: LinesProps) {
  const texts = TEXTS[language];
  return (
    <Table
      labels={[texts.line, texts.at, texts.subject, texts.numbers, texts.bill, texts.own, texts.difference]}
      rows={lines}
      cellsOf={(line): Child[] => [
        line.lineNo ?? '—',
        line.at === null ? '—' : <Time at={line.at} />,
        ofWords(line, language),
        <Numbers of={{ mchid, ...line }} language={language} />,
        <Side of={line} says="billFen" />,
        <Side of={line} says="ownFen" />,
        <Difference of={line} isDiscrepant={line.isDiscrepant} />,
      ]}
    />
  );
}

/** Of one that needs nobody in a class of discrepancies, also what it is. */
function ofWords({ class: name, subject, isDiscrepant }: LineView, language: Language): string {
  const known = classWords(name, language, isDiscrepant);
  const word = RECONCILIATION_WORDS[language].subject[subject];
  return known === classWords(name, language) ? word : `${word} · ${known}`;
}

const TEXTS = perLanguage({
  class: ['类别', 'Class'],
  show: ['查看', 'Show'],
  none: ['没有这一类。', 'Nothing is of this class.'],
  first: ['第一页', 'First page'],
  more: ['下一页', 'Next page'],
  csv: ['下载 CSV', 'Download CSV'],
  line: ['行号', 'Line'],
  at: ['时间', 'Time'],
  subject: ['对象', 'Of'],
  numbers: ['单号', 'Numbers'],
  bill: ['微信', 'WeChat Pay'],
  own: ['本地', 'Here'],
  difference: ['差额', 'Difference'],
});
