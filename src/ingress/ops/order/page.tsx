import { isFinal } from '../../../domain/order/states.js';
import { formatAmount } from '../../../base/money.js';
import { ExplainCard } from './explain-card.js';
import { Facts } from './facts.js';
import { orderTone, type OrderPageModel } from './model.js';
import { Chip } from '../../../ops/kit/pieces.js';
import { Attempts, Events, Refunds } from './tables.js';
import { ORDER_TEXTS } from './text.js';
import { Timeline } from './timeline.js';
import { WORDS } from './words.js';

type Props = { readonly model: OrderPageModel };

/** One order: why it is where it is, all that is known of it, and what can be done. */
export function OrderPage({ model }: Props) {
  const { flash, language } = model;
  return (
    <div class="order">
      {flash === undefined ? null : (
        <p class="flash" id="flash" role="status" data-flash={flash}>
          {ORDER_TEXTS[language].flash[flash]}
        </p>
      )}
      <ExplainCard model={model} />
      <Facts model={model} />
      <Attempts model={model} />
      <Refunds model={model} />
      <Events model={model} />
      <Timeline model={model} />
    </div>
  );
}

/** The order's number, state and money: the head of its page. */
export function OrderHeading({ model: { order, language } }: Props) {
  const words = WORDS[language];
  const { closedReason, reviewReason, stuckReason, ending } = order;
  const isClosed = order.state === 'closed' && closedReason !== null;
  const because = [
    ...(isClosed ? [words.closed[closedReason]] : []),
    ...(reviewReason === null ? [] : [words.review[reviewReason]]),
    ...(ending === null || isFinal(order.state) ? [] : [words.attempt.closing]),
  ];
  return (
    <span class="order-heading">
      <span class="soft">{ORDER_TEXTS[language].order}</span> <span class="id">{order.orderNo}</span>{' '}
      <span class="money">{formatAmount(order.amountFen)}</span>{' '}
      <span class="chips" id="state" data-state={order.state}>
        <Chip tone={stuckReason === null ? orderTone(order) : 'calm'}>
          {[words.state[order.state], ...because].join(' · ')}
        </Chip>{' '}
        {stuckReason === null ? null : <Chip tone="bad">{words.stuck[stuckReason]}</Chip>}
      </span>
    </span>
  );
}
