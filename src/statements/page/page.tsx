import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { perLanguage, type Language } from '../../base/language.js';
import type { Mchid } from '../../base/ids.js';
import type { IngressEnv } from '../../http/kit/route.js';
import { Money, Table } from '../../ops/kit/pieces.js';
import { beijingDate, daysAfter } from '../../reconciliation/rules/day.js';
import { MerchantField, pathWith } from '../../reconciliation/page/place.js';
import { GROUPINGS, type Grouping, type Statement, type Takings } from '../rules/statement.js';
import { StatementChart } from './charts.js';
import { groupName, GROUPING_WORDS } from './words.js';

export const STATEMENTS_PATH = '/ops/statements';

/** What was asked for, as it was typed. */
export type Entered = {
  readonly mchid: Mchid;
  readonly from: string;
  readonly to: string;
  readonly groupBy: Grouping;
  readonly wrong: 'from' | 'to' | null;
};

type Props = {
  readonly c: Context<IngressEnv>;
  readonly entered: Entered;
  /** By day or month, by product and by appid, all of the same period; none where the period is wrong. */
  readonly statements: readonly Statement[];
  readonly now: Date;
};

export function StatementsPage({ c, entered, statements, now }: Props) {
  const language = c.get('language');
  const texts = TEXTS[language];
  const chosen = statements.find(({ groupBy }) => groupBy === entered.groupBy);
  return (
    <div class="statements">
      <p class="lead">{texts.lead}</p>
      <PeriodForm c={c} entered={entered} now={now} />
      {chosen === undefined ? null : (
        <>
          <section class="charts" id="charts" aria-label={texts.charts}>
            {statements.map((it) => (
              <StatementChart of={it} language={language} />
            ))}
          </section>
          <section class="card" id="statement" data-group-by={chosen.groupBy}>
            <div class="card-head">
              <h2>{texts.title(GROUPING_WORDS[language][chosen.groupBy], chosen.from, chosen.to)}</h2>
              <a class="button" id="csv" href={statementPath(entered, '.csv')} download>
                {texts.csv}
              </a>
            </div>
            <StatementTable of={chosen} language={language} />
          </section>
        </>
      )}
    </div>
  );
}

const statementPath = ({ mchid, from, to, groupBy }: Omit<Entered, 'wrong'>, ending = ''): string =>
  pathWith(`${STATEMENTS_PATH}${ending}`, { mchid, from, to, groupBy });

function PeriodForm({ c, entered, now }: Omit<Props, 'statements'>) {
  const language = c.get('language');
  const texts = TEXTS[language];
  return (
    <form class="card choose" method="get" action={STATEMENTS_PATH} id="period">
      <MerchantField c={c} mchid={entered.mchid} />
      <DayField name="from" label={texts.from} entered={entered} />
      <DayField name="to" label={texts.to} entered={entered} />
      <label class="pair">
        {texts.by}
        <select name="groupBy">
          {GROUPINGS.map((it) => (
            <option value={it} selected={it === entered.groupBy}>
              {GROUPING_WORDS[language][it]}
            </option>
          ))}
        </select>
      </label>
      <button class="button primary" type="submit">
        {texts.show}
      </button>
      <Shortcuts entered={entered} now={now} language={language} />
      {entered.wrong === null ? null : (
        <p class="wrong" id="period-wrong" role="alert" data-error={entered.wrong}>
          {texts.wrong[entered.wrong]}
        </p>
      )}
    </form>
  );
}

type DayProps = { readonly name: 'from' | 'to'; readonly label: string; readonly entered: Entered };

function DayField({ name, label, entered }: DayProps) {
  const wrong = entered.wrong === name ? ({ 'aria-invalid': 'true', 'aria-describedby': 'period-wrong' } as const) : {};
  return (
    <label class="pair">
      {label} <input name={name} type="date" value={entered[name]} required {...wrong} />
    </label>
  );
}

type ShortcutProps = { readonly entered: Entered; readonly now: Date; readonly language: Language };

function Shortcuts({ entered: { mchid, groupBy }, now, language }: ShortcutProps) {
  const today = beijingDate(now);
  const firstOf = (date: string): string => `${date.slice(0, 'yyyy-mm'.length)}-01`;
  const lastOfBefore = daysAfter(today, -Number(today.slice(-2)));
  const periods = [
    ['yesterday', daysAfter(today, -1), daysAfter(today, -1)],
    ['month', firstOf(today), today],
    ['lastMonth', firstOf(lastOfBefore), lastOfBefore],
  ] as const;
  return (
    <span class="shortcuts">
      {periods.map(([name, from, to]) => (
        <a href={statementPath({ mchid, from, to, groupBy })}>{TEXTS[language].periods[name]}</a>
      ))}
    </span>
  );
}

type TableProps = { readonly of: Statement; readonly language: Language };

type Row = Takings & { readonly group: string | null };

/** With the totals last. */
function StatementTable({ of: { groupBy, items, totals }, language }: TableProps) {
  const texts = TEXTS[language];
  const rows: Row[] = [...items, { ...totals, group: null }];
  return (
    <Table
      kind="statement-rows"
      labels={[
        ...[GROUPING_WORDS[language][groupBy], texts.paidCount, texts.paid, texts.refundedCount],
        ...[texts.refunded, texts.net, texts.returnedCount, texts.returned, texts.fees, texts.settled],
      ]}
      rows={rows}
      cellsOf={(row): Child[] => [
        row.group === null ? <b>{texts.totals}</b> : <bdi>{groupName(groupBy, row.group, language)}</bdi>,
        ...[row.paidCount, <Sum fen={row.paidFen} />, row.refundedCount, <Sum fen={row.refundedFen} />],
        ...[<Money fen={row.netFen} />, row.returnedCount, <Sum fen={row.returnedFen} />],
        ...[<Billed fen={row.feesFen} />, <Billed fen={row.settledFen} />],
      ]}
      dataOf={({ group }) => ({ 'data-group': group ?? 'totals' })}
    />
  );
}

/** Of a bill that may not be there yet: then nothing is known, which is not the same as 0. */
const Billed = ({ fen }: { readonly fen: number | null }) => (fen === null ? <span /> : <Money fen={fen} />);

const Sum = ({ fen }: { readonly fen: number }) => (fen === 0 ? <span class="soft">—</span> : <Money fen={fen} />);

export const STATEMENTS_TITLE = { zh: '收支报表', en: 'Statements' } as const;

const TEXTS = perLanguage({
  lead: [
    '按北京时间的日历日统计，取自本地账目的当前状态：收款按支付成功时间，退款按微信受理时间。“退回”是没有使订单支付成功的款项，不计入收款。手续费和结算取自各日交易账单，含该商户号的其他系统，因此结算可能多于净收；有一日的账单未到即为空。',
    'By calendar days in Beijing, from our own books as they stand now: payments by when they succeeded, refunds by when WeChat Pay accepted them. What was returned made no order paid, and is no part of what was paid. Fees and settlement are of the trade bills, which have all systems of the merchant, so that more may be settled than the net here, and empty while the bill of a day is not there.',
  ],
  from: ['从', 'From'],
  to: ['到', 'to'],
  by: ['按', 'by'],
  show: ['查看', 'Show'],
  periods: {
    yesterday: ['昨天', 'Yesterday'],
    month: ['本月', 'This month'],
    lastMonth: ['上月', 'Last month'],
  },
  wrong: {
    from: ['请输入有效的开始日期。', 'Enter a valid first day.'],
    to: [
      '请输入有效的结束日期：不早于开始，最多 366 天。',
      'Enter a valid last day: not before the first one, at most 366 days.',
    ],
  },
  charts: ['图表', 'Charts'],
  title: [
    (by: string, from: string, to: string) => `按${by}：${from} 至 ${to}`,
    (by: string, from: string, to: string) => `By ${by.toLowerCase()}, ${from} to ${to}`,
  ],
  csv: ['下载 CSV', 'Download CSV'],
  totals: ['合计', 'Total'],
  paidCount: ['收款笔数', 'Payments'],
  paid: ['收款', 'Paid'],
  refundedCount: ['退款笔数', 'Refunds'],
  refunded: ['退款', 'Refunded'],
  net: ['净收', 'Net'],
  returnedCount: ['退回笔数', 'Returns'],
  returned: ['退回', 'Returned'],
  fees: ['手续费', 'Fees'],
  settled: ['结算', 'Settled'],
});
