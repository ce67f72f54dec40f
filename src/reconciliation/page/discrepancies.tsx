import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { perLanguage, type Language } from '../../base/language.js';
import { duration } from '../../base/time.js';
import { pageOf } from '../../http/kit/call.js';
import type { IngressDeps, IngressEnv } from '../../http/kit/route.js';
import { page } from '../../ops/kit/page.js';
import { useMayAct } from '../../ops/kit/acting.js';
import { Chip, Table } from '../../ops/kit/pieces.js';
import { listDiscrepancies, type DiscrepancyRecord } from '../store/discrepancies.js';
import { chosenDiscrepancies, discrepanciesPath, DiscrepancyFilterForm } from './discrepancy-filter.js';
import { fieldNames } from './field-differences.js';
import { Difference, Numbers, Side } from './numbers.js';
import { CALENDAR_PATH, dayPath, DISCREPANCIES_PATH, discrepancyPath, ReconciliationTabs } from './place.js';
import { classWords, RECONCILIATION_WORDS, STATUS_TONES } from './words.js';

const ROWS = 50;

/** `/ops/reconciliation/discrepancies`: those that are open, unless something else is asked for; the latest day first. */
export async function showDiscrepancies(c: Context<IngressEnv>, deps: IngressDeps): Promise<Response> {
  const chosen = chosenDiscrepancies(c);
  const cursor = c.req.query('cursor');
  const request = { ...chosen, cursor, limit: ROWS };
  const { items, nextCursor } = pageOf(await listDiscrepancies(deps.connection.db, request));
  const language = c.get('language');
  const texts = TEXTS[language];
  const shown = { rows: items, language, now: deps.now(), namesMerchant: chosen.mchids.length > 1 };
  return page(
    c,
    { title: texts.title, active: CALENDAR_PATH },
    <div class="reconciliation">
      <ReconciliationTabs c={c} active={DISCREPANCIES_PATH} />
      <p class="lead">{texts.lead}</p>
      <section class="card" id="discrepancies">
        <div class="card-head">
          <DiscrepancyFilterForm c={c} chosen={chosen} />
        </div>
        {items.length === 0 ? <p class="empty">{texts.none}</p> : <Rows {...shown} />}
        <p class="pager">
          {cursor === undefined ? null : <a href={discrepanciesPath(c, null)}>{texts.first}</a>}
          {items.length === 0 ? null : (
            <a class="button" id="csv" href={discrepanciesPath(c, null, '.csv')} download>
              {texts.csv}
            </a>
          )}
          {nextCursor === null ? null : (
            <a class="button" id="more" rel="next" href={discrepanciesPath(c, nextCursor)}>
              {texts.more}
            </a>
          )}
        </p>
      </section>
    </div>,
  );
}

type RowsProps = {
  readonly rows: readonly DiscrepancyRecord[];
  readonly language: Language;
  readonly now: Date;
  readonly namesMerchant: boolean;
};

function Rows({ rows, ...shown }: RowsProps) {
  const texts = TEXTS[shown.language];
  return (
    <Table
      labels={[texts.what, texts.numbers, texts.bill, texts.own, texts.difference, texts.age, texts.status, '']}
      rows={rows}
      cellsOf={(row) => cellsOf(row, shown)}
      dataOf={(row) => ({ 'data-discrepancy': row.id, 'data-class': row.class, 'data-status': row.status })}
    />
  );
}

function cellsOf(row: DiscrepancyRecord, { language, now, namesMerchant }: Omit<RowsProps, 'rows'>): Child[] {
  const [texts, words] = [TEXTS[language], RECONCILIATION_WORDS[language]];
  return [
    <>
      <a href={discrepancyPath(row)}>{classWords(row.class, language)}</a>
      <span class="why">
        <a href={dayPath(row)}>{row.date}</a>
        {[words.subject[row.subject], ...fieldNames(row.differences, language)].map((it) => ` · ${it}`)}
        {namesMerchant ? <span class="id"> · {row.mchid}</span> : null}
      </span>
    </>,
    <Numbers of={row} language={language} />,
    <Side of={row} says="billFen" />,
    <Side of={row} says="ownFen" />,
    <Difference of={row} />,
    <span class="age">{duration((row.closedAt ?? now).getTime() - row.openedAt.getTime(), language)}</span>,
    <>
      <Chip tone={STATUS_TONES[row.status]}>{words.status[row.status]}</Chip>
      <Closed row={row} language={language} />
    </>,
    <a class="button small" href={discrepancyPath(row)}>
      {row.status === 'open' && useMayAct() ? texts.decide : texts.look}
    </a>,
  ];
}

/** Who or what closed it, and why; of an open one, who last had it looked at again. */
function Closed({ row, language }: { readonly row: DiscrepancyRecord; readonly language: Language }) {
  const [texts, words] = [TEXTS[language], RECONCILIATION_WORDS[language]];
  if (row.repairedBy !== null) return <span class="why">{words.repair[row.repairedBy]}</span>;
  if (row.closedBy !== null)
    return (
      <span class="why">
        {row.closedBy}: {row.reason}
      </span>
    );
  return row.recheckedBy === null ? null : <span class="why">{texts.recheckedBy(row.recheckedBy)}</span>;
}

const TEXTS = perLanguage({
  title: ['差异', 'Discrepancies'],
  lead: [
    '微信账单与本地账目不一致之处。能查询的会自动查询并修复；其余的需要有人决定。仅凭账单不改动任何款项。',
    'Where WeChat Pay’s bills and our books disagree. What a query can settle repairs itself; the rest is for a person to decide. No money changes by a line of a bill alone.',
  ],
  none: ['没有这样的差异。', 'There are no such discrepancies.'],
  what: ['差异', 'Discrepancy'],
  numbers: ['单号', 'Numbers'],
  bill: ['微信', 'WeChat Pay'],
  own: ['本地', 'Here'],
  difference: ['差额', 'Difference'],
  age: ['存续', 'Age'],
  status: ['状态', 'Status'],
  decide: ['处理', 'Decide'],
  look: ['查看', 'Look'],
  recheckedBy: [(who: string) => `${who} 已要求再核对`, (who: string) => `looked at again for ${who}`],
  csv: ['下载 CSV', 'Download CSV'],
  first: ['第一页', 'First page'],
  more: ['更早的', 'Older'],
});
