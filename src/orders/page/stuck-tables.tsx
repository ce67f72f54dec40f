import type { Child } from 'hono/jsx';
import { orderWorkflowId } from '../../base/ids.js';
import type { StuckReason } from '../rules/states.js';
import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { paths } from './model.js';
import { ActLink } from '../../ops/kit/acting.js';
import { Chip, Money, Table, TemporalLink, Time } from '../../ops/kit/pieces.js';
import { ORDER_TEXTS } from './text.js';
import { duration, relativeTime } from '../../base/time.js';
import { WORDS } from './words.js';
import type { StuckRow } from './stuck-page.js';
import { STUCK_TEXTS } from './stuck-text.js';
import type { StuckTotal } from '../store/list.js';

type TableProps = {
  readonly rows: readonly StuckRow[];
  readonly reason?: StuckReason | undefined;
  readonly language: Language;
  readonly now: Date;
  readonly namesMerchant: boolean;
  readonly temporal: (workflowId: string) => string | undefined;
};

export function StuckTable({ rows, reason, ...shown }: TableProps) {
  const texts = STUCK_TEXTS[shown.language];
  if (rows.length === 0) return <p class="empty">{reason === undefined ? texts.none : texts.noneOfReason}</p>;
  return (
    <Table
      kind="stuck-rows"
      labels={[texts.age, texts.order, texts.amount, texts.why, texts.actor, texts.next]}
      rows={rows}
      cellsOf={(row) => stuckCells(row, shown)}
      dataOf={({ order }) => ({ 'data-order': order.orderNo })}
    />
  );
}

type Shown = Omit<TableProps, 'rows' | 'reason'>;

function stuckCells({ order, explanation }: StuckRow, { language, now, namesMerchant, temporal }: Shown): Child[] {
  const [texts, words] = [STUCK_TEXTS[language], WORDS[language]];
  const { mchid, orderNo, stuckReason } = order;
  const began = order.stuckSince ?? order.createdAt;
  const nextAt = explanation.nextAt === null ? undefined : new Date(explanation.nextAt);
  return [
    <>
      <b class="age">{duration(now.getTime() - began.getTime(), language)}</b>{' '}
      <span class="soft small">
        <Time at={began} />
      </span>
    </>,
    <>
      <a class="id" href={paths.order(order)}>
        {orderNo}
      </a>
      {namesMerchant ? <span class="soft small"> {mchid}</span> : null}{' '}
      <TemporalLink href={temporal(orderWorkflowId(mchid, orderNo))} text={texts.temporal} />
    </>,
    <>
      <Money fen={order.amountFen} /> <span class="soft small">{words.state[order.state]}</span>
    </>,
    <>
      {stuckReason === null ? null : <Chip tone="bad">{words.stuck[stuckReason]}</Chip>}
      <span class="why">{explanation.text[language]}</span>
    </>,
    ORDER_TEXTS[language].actors[explanation.actor],
    <>
      {language === 'zh' ? explanation.nextStepZh : explanation.nextStep}{' '}
      <span class="soft small">
        {nextAt === undefined ? (
          texts.noTime
        ) : (
          <time datetime={nextAt.toISOString()}>{relativeTime(nextAt, now, language)}</time>
        )}
      </span>
    </>,
  ];
}

type TotalsProps = Omit<Shown, 'temporal'> & { readonly totals: readonly StuckTotal[] };

export function StuckTotals({ totals, ...shown }: TotalsProps) {
  const texts = STUCK_TEXTS[shown.language];
  if (totals.length === 0) return <p class="empty">{texts.none}</p>;
  return (
    <Table
      kind="totals"
      labels={[texts.reason, texts.count, texts.atRisk, texts.waiting, texts.oldest, texts.bulk]}
      rows={totals}
      cellsOf={(total) => totalCells(total, shown)}
      dataOf={({ reason }) => ({ 'data-reason': reason })}
    />
  );
}

function totalCells(total: StuckTotal, { language, now, namesMerchant }: Omit<TotalsProps, 'totals'>): Child[] {
  const { mchid, reason } = total;
  const texts = STUCK_TEXTS[language];
  const word = WORDS[language].stuck[reason];
  return [
    <>
      <a href={`/ops/stuck?mchid=${mchid}&reason=${reason}`}>{word}</a>
      {namesMerchant ? <span class="soft small"> {mchid}</span> : null}
    </>,
    total.count,
    <Money fen={total.atRiskFen} />,
    <span class="money">{formatAmount(total.waitingFen)}</span>,
    duration(now.getTime() - total.oldestAt.getTime(), language),
    <ActLink
      class="button small"
      href={`/ops/bulk?mchid=${mchid}&stuckReason=${reason}`}
      aria-label={texts.bulkOf(word, mchid)}
    >
      {texts.bulk}
    </ActLink>,
  ];
}
