import { faults, open, pay, payInFlight, story, untilState, untilTold, type Act, type Scenario } from './scenario.js';

const close: Act = ({ shop, orderNo }) => shop.close(orderNo);
const rejectFulfilment: Act = ({ shop, orderNo }) => shop.rejectFulfilment(orderNo);
const resolve =
  (action: 'accept' | 'return'): Act =>
  ({ shop, orderNo }) =>
    shop.resolve(orderNo, action);

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

/** Money that nobody expected, that only a person may decide on, and that goes back. */
export const moneyBack: readonly Scenario[] = [
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
