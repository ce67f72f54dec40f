import type { Context, Hono } from 'hono';
import type { Child } from 'hono/jsx';
import { loadTimeline } from '../../timeline/store/timeline.js';
import type { OrderRecord } from '../rules/record.js';
import { checkoutUrl, opensUntil } from '../../checkout/link.js';
import { useCaseDeps, type IngressDeps, type IngressEnv } from '../../http/kit/route.js';
import { explanationOf, hasEndpoint } from '../use-cases/explanation.js';
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
import { ShopData } from './shop-data.js';
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
  const [{ explain, events, approvals }, entries] = await Promise.all([
    explanationOf(useCaseDeps(deps), order),
    loadTimeline(deps.connection.db, { mchid: order.mchid, orderNo: order.orderNo }),
  ]);
  return {
    order,
    explanation: explain,
    checkoutUrl: opensUntil(order) > now ? checkoutUrl(deps.publicUrl(), deps.checkoutKey, order) : null,
    events,
    hasEndpoint: hasEndpoint(deps, order.mchid),
    timeline: timelineItems(entries, language),
    actions: possibleFor(order, now),
    refundActions: new Map(
      order.refunds.map((refund) => [refund.outRefundNo, possibleOfRefund(refundStanding(order, refund))]),
    ),
    approvals,
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
      <ShopData model={model} />
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
  const { language } = model;
  const rows = [...moneyOf(model), ...termsOf(model), ...timesOf(model)];
  return (
    <Card id="facts" title={ORDER_TEXTS[language].facts}>
      <dl class="facts facts-wide">
        <Facts of={rows.map(([zh, en, fact]) => [{ zh, en }[language], fact])} />
      </dl>
    </Card>
  );
}

/** A fact after its label; left out where it is null. */
type Row<Fact = Child> = readonly [zh: string, en: string, fact: Fact];

function moneyOf({ order }: OrderPageModel): Row[] {
  const { refundingFen = 0, refundedFen = 0 } = paidAttemptOf(order) ?? {};
  const payer = payerFen(order);
  const sums: readonly Row<number | null>[] = [
    ['订单金额', 'Amount', order.amountFen],
    ['已收款', 'Paid', order.paidFen],
    ['优惠后实付', 'After coupons', payer === order.paidFen ? null : payer],
    ['退款中', 'Being refunded', refundingFen || null],
    ['已退款', 'Refunded', refundedFen || null],
    ['其他款项已退回', 'Other money returned', order.returnedFen || null],
  ];
  return sums.map(([zh, en, fen]) => [zh, en, fen === null ? null : <Money fen={fen} />]);
}

function termsOf({ order, language }: OrderPageModel): Row[] {
  const words = WORDS[language];
  return [
    ['商品', 'Goods', order.description],
    ['商户号', 'Merchant', <span class="id">{order.mchid}</span>],
    ['发货', 'Fulfilment', words.fulfilment[order.fulfilment]],
    ['关闭后到账时', 'If paid after closing', words.latePayment[order.policy.latePayment]],
    ['发现方式', 'Found by', order.foundBy === null ? null : words.foundBy[order.foundBy]],
  ];
}

function timesOf({ order, language, now }: OrderPageModel): Row[] {
  const times: readonly Row<Date | null>[] = [
    ['创建', 'Created', order.createdAt],
    ['截止', 'Deadline', order.expiresAt],
    ['支付', 'Paid at', order.paidAt],
    ['关闭', 'Closed at', order.closedAt],
    ['卡住自', 'Stuck since', order.stuckSince],
  ];
  return times.map(([zh, en, at]) => [zh, en, at === null ? null : <When at={at} now={now} language={language} />]);
}
