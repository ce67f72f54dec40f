import {
  close,
  faults,
  notifyLost,
  open,
  paid,
  pay,
  payInFlight,
  story,
  untilState,
  type Act,
  type Scenario,
} from './scenario.js';

const queriesRefused = faults({ on: 'query', kind: 'http500', times: 0 });

/** WeChat Pay answers again once the bill has told the order, and the order has asked. */
const answerAgain: Act = async ({ shop, orderNo }) => {
  await shop.orderWhen(
    orderNo,
    'told by the bill',
    ({ evidence, explain }) => evidence.some(({ source }) => source === 'bill') && explain.lastAnswer?.api === 'query',
  );
  await shop.removeFaults(orderNo, 'query');
};

/** The notify of its refund comes, and once more that of its payment, which changes nothing. */
const notifyAgain: Act = ({ shop, orderNo }) => shop.removeFaults(orderNo, 'notify');

const refundInPlatform: Act = ({ shop, orderNo, amountFen }) => shop.refundInPlatform(orderNo, amountFen);

const untilBooked: Act = ({ shop, orderNo }) =>
  shop.orderWhen(orderNo, 'refunded by somebody else', ({ refunds }) =>
    refunds.some(({ cause }) => cause === 'external'),
  );

/** Only a bill told of the money. */
const foundByBill: Act = async ({ shop, orderNo }) => {
  const { evidence } = await shop.orderWhen(orderNo, 'known to be paid', (order) =>
    order.attempts.some(({ paidFen }) => paidFen > 0),
  );
  const sources = evidence.map(({ source }) => source).toSorted();
  if (sources.join() !== 'bill,query') throw new Error(`found by ${sources.join(' and ')}, not by the bill alone`);
};

/** Of a day that is over, whose bills tell what no notify told. */
export const billed: readonly Scenario[] = [
  {
    ...paid('demo-bill-paid', 'notify lost, queries refused: the bill tells', answerAgain, foundByBill),
    before: story(notifyLost, queriesRefused, open(), pay),
  },
  {
    orderNo: 'demo-bill-late',
    title: 'paid after it was closed: the bill tells, returned',
    expected: 'closed (cancelled), returned',
    told: ['order.closed', 'refund.succeeded'],
    before: story(notifyLost, open(), close, untilState('closed'), payInFlight),
    run: story(foundByBill, notifyAgain),
  },
  {
    orderNo: 'demo-bill-refund',
    title: 'refunded in the merchant platform: the bill tells',
    expected: 'paid, refunded',
    told: ['order.paid', 'refund.succeeded'],
    before: story(open(), pay, untilState('paid'), refundInPlatform),
    run: untilBooked,
  },
];
