import { crashes } from './crashes.js';
import {
  close,
  faults,
  open,
  pay,
  payInFlight,
  rejectFulfilment,
  resolve,
  story,
  sync,
  untilState,
  untilTold,
  type Act,
  type Scenario,
} from './scenario.js';

/** The shortest an order may live. */
const SHORT = { expiresInSeconds: 60 };

const notifyLost = faults({ on: 'notify', kind: 'drop', times: 0 });
const paid = { expected: 'paid', told: ['order.paid'] };

/** Orders that are paid, or never will be, however the news comes. */
const payments: readonly Scenario[] = [
  { orderNo: 'demo-notify', title: 'paid by notify', ...paid, run: story(open(), pay) },
  {
    orderNo: 'demo-lost-polled',
    title: 'notify lost, paid by polling',
    ...paid,
    run: story(notifyLost, open(), pay),
  },
  {
    orderNo: 'demo-lost-synced',
    title: 'notify lost, the payer came back (sync)',
    ...paid,
    run: story(notifyLost, open(), pay, sync),
  },
  {
    orderNo: 'demo-doubled',
    title: 'notify doubled',
    ...paid,
    run: story(faults({ on: 'notify', kind: 'duplicate' }), open(), pay),
  },
  {
    orderNo: 'demo-late-notify',
    title: 'notify after the query already knew',
    ...paid,
    run: story(faults({ on: 'notify', kind: 'delay', ms: 4_000 }), open(), pay, sync),
  },
  {
    orderNo: 'demo-forged',
    title: 'notify with a broken signature first',
    ...paid,
    run: story(faults({ on: 'notify', kind: 'badSignature' }), open(), pay),
  },
  {
    orderNo: 'demo-gateway-down',
    title: 'gateway down: 500s, an answer lost after its effect',
    ...paid,
    run: story(
      faults(
        { on: 'prepay', kind: 'timeoutAfter' },
        { on: 'prepay', kind: 'http500', times: 2 },
        { on: 'query', kind: 'http500', times: 3 },
      ),
      open(),
      pay,
    ),
  },
  {
    orderNo: 'demo-never-paid',
    title: 'never paid, closed at its deadline',
    expected: 'closed (expired)',
    told: ['order.closed'],
    run: open(SHORT),
  },
  {
    orderNo: 'demo-paid-closing',
    title: 'paid in the moment of closing',
    ...paid,
    run: story(faults({ on: 'close', kind: 'payBefore' }), open(SHORT)),
  },
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

/** Money that only a person may decide on, and money that goes back. */
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

/** All run at the same time. Most of the demo's time is an order's first minute, in which nobody polls. */
export const SCENARIOS: readonly Scenario[] = [...payments, ...moneyBack, ...crashes];
