import { create, faults, open, paid, pay, SHORT, story, untilState, type Act, type Scenario } from './scenario.js';
import { until } from './until.js';

/** WeChat Pay opens the trade, and no answer ever brings its code. */
const codeLost = faults({ on: 'prepay', kind: 'timeoutAfter', times: 0 });

const untilTraded: Act = ({ shop, orderNo }) =>
  until(`${orderNo}: WeChat Pay to have its trade`, async () =>
    (await shop.trades()).find(({ out_trade_no }) => out_trade_no === orderNo),
  );

/** The shop would wait 8 s for the code that does not come, and everything else with it. */
const openWithoutCode: Act = (context) =>
  Promise.race([create(SHORT)(context).then(() => untilTraded(context)), untilTraded(context)]);

/** Shows the client certificate. */
const refundAll: Act = ({ shop, orderNo, amountFen }) => shop.requestRefund(orderNo, `${orderNo}-1`, amountFen);

const scenarios: readonly Scenario[] = [
  paid('demo-v2-notify', 'API v2: paid by notify', open(), pay),
  {
    orderNo: 'demo-v2-refunded',
    title: 'API v2: paid and refunded',
    expected: 'paid, refunded',
    told: ['order.paid', 'refund.succeeded'],
    run: story(open(), pay, untilState('paid'), refundAll),
  },
  {
    orderNo: 'demo-v2-never-paid',
    title: 'API v2: never paid, its code lost, closed',
    expected: 'closed (expired)',
    told: ['order.closed'],
    // API v2 closes no trade in its first 5 minutes: by the clock of WeChat Pay this one is older at its deadline.
    before: story(codeLost, openWithoutCode),
    run: () => Promise.resolve(),
  },
];

/** Of a merchant whose money goes over API v2, at the same time as all others. */
export const overV2: readonly Scenario[] = scenarios.map((scenario) => ({ ...scenario, protocol: 'v2' }));
