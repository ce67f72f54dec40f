import type { Context, Hono } from 'hono';
import { loadTimeline } from '../../timeline/store/timeline.js';
import type { OrderRecord } from '../rules/record.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { explanationOf } from '../use-cases/explanation.js';
import { requireOrder } from '../use-cases/order.js';
import { requireMerchant } from '../../ops/kit/merchants.js';
import { page } from '../../ops/kit/page.js';
import { temporalUrl, Card, Chip, Facts, Money, When } from '../../ops/kit/pieces.js';
import { possibleFor } from '../../decisions/rules/decisions.js';
import { possibleOfRefund, refundStanding } from '../../refunds/rules/decisions.js';
import { flashOf, type OrderPageModel, orderTone } from './model.js';
import { ORDER_TEXTS } from './text.js';
import { timelineItems } from './timeline-items.js';
import { isFinal } from '../rules/states.js';
import { formatAmount } from '../../base/money.js';
import { ExplainCard } from './explain-card.js';
import { Attempts, Events, Refunds } from './tables.js';
import { Timeline } from './timeline.js';
import { WORDS } from './words.js';
import { paidAttemptOf, payerFen } from '../rules/view.js';

export function registerOpsOrder(app: Hono<IngressEnv>, deps: IngressDeps): void {
  app.get('/ops/orders/:mchid/:orderNo', async (c) => {
    const mchid = requireMerchant(c, c.req.param('mchid'));
    const model = await modelOf(
      c,
      deps,
      await requireOrder(deps.connection, { mchid, orderNo: c.req.param('orderNo') }),
    );
    const title = `${ORDER_TEXTS[model.language].order} ${model.order.orderNo}`;
    return page(c, { title, heading: <OrderHeading model={model} /> }, <OrderPage model={model} />);
  });
}

async function modelOf(c: Context<IngressEnv>, deps: IngressDeps, order: OrderRecord): Promise<OrderPageModel> {
  const [language, now] = [c.get('language'), deps.now()];
  const [{ explain, events }, entries] = await Promise.all([
    explanationOf(useCaseDeps(deps), order),
    loadTimeline(deps.connection.db, { mchid: order.mchid, orderNo: order.orderNo }),
  ]);
  return {
    order,
    explanation: explain,
    events,
    timeline: timelineItems(entries, language),
    actions: possibleFor(order, now),
    refundActions: new Map(
      order.refunds.map((refund) => [refund.outRefundNo, possibleOfRefund(refundStanding(order, refund))]),
    ),
    language,
    now,
    flash: flashOf(c.req.query('done')),
    temporal: (workflowId) => temporalUrl(deps, workflowId),
  };
}

type Props = { readonly model: OrderPageModel };

function OrderPage({ model }: Props) {
  const { flash, language } = model;
  return (
    <div class="order">
      {flash === undefined ? null : (
        <p class="flash" id="flash" role="status" data-flash={flash.done}>
          {flash.text[language]}
        </p>
      )}
      <ExplainCard model={model} />
      <OrderFacts model={model} />
      <Attempts model={model} />
      <Refunds model={model} />
      <Events model={model} />
      <Timeline model={model} />
    </div>
  );
}

function OrderHeading({ model: { order, language } }: Props) {
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

function OrderFacts({ model }: Props) {
  return (
    <Card id="facts" title={ORDER_TEXTS[model.language].facts}>
      <dl class="facts facts-wide">
        <Facts of={[...moneyOf(model), ...termsOf(model), ...timesOf(model)]} />
      </dl>
    </Card>
  );
}

function moneyOf({ order, language }: OrderPageModel) {
  const texts = ORDER_TEXTS[language];
  const { refundingFen = 0, refundedFen = 0 } = paidAttemptOf(order) ?? {};
  const payer = payerFen(order);
  const sums = [
    [texts.amount, order.amountFen],
    [texts.paid, order.paidFen],
    [texts.payerPaid, payer === order.paidFen ? null : payer],
    [texts.refunding, refundingFen || null],
    [texts.refunded, refundedFen || null],
    [texts.returned, order.returnedFen || null],
  ] as const;
  return sums.map(([label, fen]) => [label, fen === null ? null : <Money fen={fen} />] as const);
}

function termsOf({ order, language }: OrderPageModel) {
  const [texts, words] = [ORDER_TEXTS[language], WORDS[language]];
  return [
    [texts.description, order.description],
    [texts.merchant, <span class="id">{order.mchid}</span>],
    [texts.fulfilment, words.fulfilment[order.fulfilment]],
    [texts.latePayment, words.latePayment[order.policy.latePayment]],
    [texts.foundBy, order.foundBy === null ? null : words.foundBy[order.foundBy]],
  ] as const;
}

function timesOf({ order, language, now }: OrderPageModel) {
  const texts = ORDER_TEXTS[language];
  const times = [
    [texts.createdAt, order.createdAt],
    [texts.deadline, order.expiresAt],
    [texts.paidAt, order.paidAt],
    [texts.closedAt, order.closedAt],
    [texts.stuckSince, order.stuckSince],
  ] as const;
  return times.map(
    ([label, at]) => [label, at === null ? null : <When at={at} now={now} language={language} />] as const,
  );
}
