import { billed } from './billed-scenarios.js';
import { atTheTill } from './code-scan-scenarios.js';
import {
  close,
  faults,
  notifyLost,
  open,
  paid,
  pay,
  payInFlight,
  rejectFulfilment,
  resolve,
  SHORT,
  story,
  sync,
  untilState,
  untilTold,
  whileWorkerDead,
  type Act,
  type Scenario,
} from './scenario.js';
import { until } from './until.js';
import { overV2 } from './v2-scenarios.js';

const gatewayDown = faults(
  { on: 'prepay', kind: 'timeoutAfter' },
  { on: 'prepay', kind: 'http500', times: 2 },
  { on: 'query', kind: 'http500', times: 3 },
);

const payments: readonly Scenario[] = [
  paid('demo-notify', 'paid by notify', open(), pay),
  paid('demo-lost-polled', 'notify lost, paid by polling', notifyLost, open(), pay),
  paid('demo-lost-synced', 'notify lost, the payer came back (sync)', notifyLost, open(), pay, sync),
  paid('demo-doubled', 'notify doubled', faults({ on: 'notify', kind: 'duplicate' }), open(), pay),
  paid(
    'demo-late-notify',
    'notify after the query already knew',
    faults({ on: 'notify', kind: 'delay', ms: 4_000 }),
    open(),
    pay,
    sync,
  ),
  paid(
    'demo-forged',
    'notify with a broken signature first',
    faults({ on: 'notify', kind: 'badSignature' }),
    open(),
    pay,
  ),
  paid('demo-gateway-down', 'gateway down: 500s, an answer lost after its effect', gatewayDown, open(), pay),
  {
    orderNo: 'demo-never-paid',
    title: 'never paid, closed at its deadline',
    expected: 'closed (expired)',
    told: ['order.closed'],
    run: open(SHORT),
  },
  paid('demo-paid-closing', 'paid in the moment of closing', faults({ on: 'close', kind: 'payBefore' }), open(SHORT)),
];

const payWrongly = story(faults({ on: 'pay', kind: 'wrongAmount' }), open(), pay, untilState('review'));

const fulfilment = { required: true, deadlineSeconds: 3_600 };

/** The payer scans a code, goes on inside WeChat, and both payments come through. */
const payTwice: Act = async (context) => {
  const { shop, orderNo } = context;
  const second = `${orderNo}*2`;
  await shop.openInWeChat(orderNo);
  await shop.orderWhen(orderNo, 'payable inside WeChat', ({ attempts }) =>
    attempts.some(({ outTradeNo, state }) => outTradeNo === second && state === 'open'),
  );
  await shop.pay(second);
  await untilState('paid')(context);
  await payInFlight(context);
};

/** WeChat Pay takes a trade's refunds a minute apart: the second waits for its turn. */
const refundInTwo: Act = async ({ shop, orderNo, amountFen }) => {
  await shop.requestRefund(orderNo, `${orderNo}-1`, Math.floor(amountFen / 2));
  await shop.requestRefund(orderNo, `${orderNo}-2`, Math.floor(amountFen / 3));
};

const moneyBack: readonly Scenario[] = [
  {
    orderNo: 'demo-partly-refunded',
    title: 'refunded in two parts, a minute apart',
    expected: 'paid, partly refunded',
    told: ['order.paid', 'refund.succeeded', 'refund.succeeded'],
    run: story(open(), pay, untilState('paid'), refundInTwo),
  },
  {
    orderNo: 'demo-paid-late',
    title: 'paid after it was closed, returned',
    expected: 'closed (cancelled), returned',
    told: ['order.closed', 'refund.succeeded'],
    run: story(open(), close, untilState('closed'), payInFlight),
  },
  {
    orderNo: 'demo-paid-twice',
    title: 'two attempts both paid, the second returned',
    expected: 'paid, returned',
    told: ['order.paid', 'refund.succeeded'],
    run: story(open(), payTwice),
  },
  {
    orderNo: 'demo-accepted',
    title: 'wrong amount, reviewed, accepted',
    expected: 'paid',
    told: ['order.review', 'order.paid'],
    run: story(payWrongly, resolve('accept')),
  },
  {
    orderNo: 'demo-returned',
    title: 'wrong amount, reviewed, returned',
    expected: 'closed (returned), returned',
    told: ['order.review', 'order.closed', 'refund.succeeded'],
    run: story(payWrongly, resolve('return')),
  },
  {
    orderNo: 'demo-out-of-stock',
    title: 'fulfilment rejected, refunded',
    expected: 'paid, fulfilment rejected, refunded',
    told: ['order.paid', 'order.compensating', 'refund.succeeded'],
    run: story(open({ policy: { fulfilment } }), pay, untilTold('order.paid'), rejectFulfilment),
  },
];

/** The worker is killed before this answer comes. */
const REFUND_ANSWERED_MS = 15_000;

const untilAllBegan: Act = ({ shop, orderCount }) =>
  until('all orders to begin', async () => {
    const orders = await shop.orders();
    return orders.length === orderCount && orders.every(({ state }) => state !== 'creating') ? true : undefined;
  });

const untilNotified: Act = ({ shop, orderNo }) =>
  until(`${orderNo}: the notify to be taken`, async () => {
    const notifies = await shop.notifies();
    return notifies.find(({ out_trade_no, status }) => out_trade_no === orderNo && status === 204);
  });

/** The kill hits all the other orders too. */
const killWhileWaiting: Act = async (context) => {
  await untilAllBegan(context);
  await context.alone(() => whileWorkerDead(context, () => story(pay, untilNotified)(context)));
};

/** WeChat Pay has accepted the refund, and the worker dies before the answer comes. */
const killWhileRefunding: Act = async (context) => {
  const { shop, orderNo, amountFen, alone } = context;
  await alone(async () => {
    await shop.requestRefund(orderNo, `${orderNo}-1`, amountFen);
    await until(`${orderNo}: WeChat Pay to have its refund`, async () =>
      (await shop.refunds()).find((refund) => refund.out_trade_no === orderNo),
    );
    await whileWorkerDead(context, () => Promise.resolve());
  });
};

const shopIsDown: Act = ({ endpoint, orderNo }) => {
  endpoint.refuseOnce(orderNo);
  return Promise.resolve();
};

const untilToldAgain: Act = async (context) => {
  const { tries } = await untilTold('order.paid')(context);
  if (tries < 2) throw new Error('the shop was told although it was down');
};

const crashes: readonly Scenario[] = [
  paid('demo-shop-down', 'shop down when it is told, told 5 s later', shopIsDown, open(), pay, untilToldAgain),
  paid('demo-worker-killed', 'worker killed (-9) while waiting, paid meanwhile', open(), killWhileWaiting),
  {
    orderNo: 'demo-refund-killed',
    title: 'worker killed (-9) in the middle of a refund',
    expected: 'paid, refunded',
    told: ['order.paid', 'refund.succeeded'],
    run: story(
      faults({ on: 'refund', kind: 'slow', ms: REFUND_ANSWERED_MS }),
      open(),
      pay,
      untilState('paid'),
      killWhileRefunding,
    ),
  },
];

/**
 * All run at the same time, but for what belongs to a day that is over. Most of the demo's time is an order's first minute, in which
 * nobody polls.
 */
export const SCENARIOS: readonly Scenario[] = [
  ...payments,
  ...moneyBack,
  ...crashes,
  ...atTheTill,
  ...billed,
  ...overV2,
];
