import { orderWorkflowId } from '../../../base/ids.js';
import type { StuckReason } from '../../../domain/order/states.js';
import type { Language } from '../../../base/language.js';
import { formatAmount } from '../../../base/money.js';
import { paths } from '../order/model.js';
import { Cell, Chip, Head, TemporalLink, Time } from '../../../ops/kit/pieces.js';
import { ORDER_TEXTS } from '../order/text.js';
import { duration, relativeTime } from '../../../base/time.js';
import { WORDS } from '../order/words.js';
import type { StuckRow } from './load.js';
import { STUCK_TEXTS } from './text.js';

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
