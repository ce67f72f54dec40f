import { orderWorkflowId } from '../../base/ids.js';
import type { StuckReason } from '../rules/states.js';
import type { Language } from '../../base/language.js';
import { formatAmount } from '../../base/money.js';
import { paths } from './model.js';
import { Cell, Chip, Head, TemporalLink, Time } from '../../ops/kit/pieces.js';
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
  /** Say whose order it is. */
  readonly namesMerchant: boolean;
  readonly temporal: (workflowId: string) => string | undefined;
};

/** Stuck orders, each with why, what comes next, and who can act. */
export function StuckTable({ rows, reason, language, ...rest }: TableProps) {
  const texts = STUCK_TEXTS[language];
  if (rows.length === 0) return <p class="empty">{reason === undefined ? texts.none : texts.noneOfReason}</p>;
  return (
    <table class="rows stuck-rows">
      <Head labels={[texts.age, texts.order, texts.amount, texts.why, texts.actor, texts.next]} />
      <tbody>
        {rows.map((row) => (
          <Row row={row} language={language} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = Omit<TableProps, 'rows' | 'reason'> & { readonly row: StuckRow };

function Row({ row: { order, explanation }, language, now, namesMerchant, temporal }: RowProps) {
  const texts = STUCK_TEXTS[language];
  const since = order.stuckSince ?? order.createdAt;
  const nextAt = explanation.nextAt === null ? undefined : new Date(explanation.nextAt);
  return (
    <tr data-order={order.orderNo}>
      <Cell label={texts.age}>
        <b class="age">{duration(now.getTime() - since.getTime(), language)}</b>{' '}
        <span class="soft small">
          <Time at={since} />
        </span>
      </Cell>
      <Cell label={texts.order}>
        <a class="id" href={paths.order(order)}>
          {order.orderNo}
        </a>
        {namesMerchant ? <span class="soft small"> {order.mchid}</span> : null}{' '}
        <TemporalLink href={temporal(orderWorkflowId(order.mchid, order.orderNo))} text={texts.temporal} />
      </Cell>
      <Cell label={texts.amount}>
        <b class="money">{formatAmount(order.amountFen)}</b>{' '}
        <span class="soft small">{WORDS[language].state[order.state]}</span>
      </Cell>
      <Cell label={texts.why}>
        {order.stuckReason === null ? null : <Chip tone="bad">{WORDS[language].stuck[order.stuckReason]}</Chip>}
        <span class="why">{explanation.text[language]}</span>
      </Cell>
      <Cell label={texts.actor}>{ORDER_TEXTS[language].actors[explanation.actor]}</Cell>
      <Cell label={texts.next}>
        {language === 'zh' ? explanation.nextStepZh : explanation.nextStep}{' '}
        <span class="soft small">
          {nextAt === undefined ? (
            texts.noTime
          ) : (
            <time datetime={nextAt.toISOString()}>{relativeTime(nextAt, now, language)}</time>
          )}
        </span>
      </Cell>
    </tr>
  );
}

type TotalsProps = {
  readonly totals: readonly StuckTotal[];
  readonly language: Language;
  readonly now: Date;
  readonly namesMerchant: boolean;
};

/** What is stuck, by reason: how many, how much money, and the way to all of them at once. */
export function StuckTotals({ totals, language, now, namesMerchant }: TotalsProps) {
  const texts = STUCK_TEXTS[language];
  if (totals.length === 0) return <p class="empty">{texts.none}</p>;
  return (
    <table class="rows totals">
      <Head labels={[texts.reason, texts.count, texts.atRisk, texts.waiting, texts.oldest, texts.bulk]} />
      <tbody>
        {totals.map(({ mchid, stuckReason, count, atRiskFen, waitingFen, oldestSince }) => {
          const reason = WORDS[language].stuck[stuckReason];
          return (
            <tr data-reason={stuckReason}>
              <Cell label={texts.reason}>
                <a href={`/ops/stuck?mchid=${mchid}&reason=${stuckReason}`}>{reason}</a>
                {namesMerchant ? <span class="soft small"> {mchid}</span> : null}
              </Cell>
              <Cell label={texts.count}>{count}</Cell>
              <Cell label={texts.atRisk}>
                <b class="money">{formatAmount(atRiskFen)}</b>
              </Cell>
              <Cell label={texts.waiting}>
                <span class="money">{formatAmount(waitingFen)}</span>
              </Cell>
              <Cell label={texts.oldest}>{duration(now.getTime() - oldestSince.getTime(), language)}</Cell>
              <Cell label={texts.bulk}>
                <a
                  class="button small"
                  href={`/ops/bulk?mchid=${mchid}&stuckReason=${stuckReason}`}
                  aria-label={texts.bulkOf(reason, mchid)}
                >
                  {texts.bulk}
                </a>
              </Cell>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
