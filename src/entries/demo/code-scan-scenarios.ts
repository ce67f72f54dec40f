import { faults, paid, pay, story, untilState, whileWorkerDead, type Act, type Scenario } from './scenario.js';
import type { PayerShowing } from './shop.js';
import { until } from './until.js';

const till = { device: { id: 'till-1', ip: '203.0.113.7' }, store: { outId: 'demo' } };

/** The till sells, and charges what the payer's phone shows. */
const scan =
  (payer: PayerShowing): Act =>
  async ({ shop, orderNo, amountFen }) => {
    const authCode = await shop.showCode(payer);
    const sale = { orderNo, amountFen, description: `Demo ${orderNo}` };
    await shop.createOrder({ ...sale, product: 'codeScan', payer: { authCode }, ...till });
  };

const typePassword: Act = story(untilState('awaitingPayment'), pay);

/** WeChat Pay has charged the payer, and the worker dies before the answer comes. */
const killWhileCharging: Act = async (context) => {
  const { shop, orderNo, alone } = context;
  const selling = scan({ payer: 'pays' })(context);
  await alone(async () => {
    await until(`${orderNo}: WeChat Pay to charge it`, async () =>
      (await shop.trades()).find(({ out_trade_no }) => out_trade_no === orderNo),
    );
    await whileWorkerDead(context, () => Promise.resolve());
  });
  await selling;
};

/** Longer than the worker lives. */
const answeredLate = faults({ on: 'charge', kind: 'slow', ms: 15_000 });

/** The payer at the till, over both APIs. */
export const atTheTill: readonly Scenario[] = [
  paid('demo-scan-paid', 'code scanned, paid at once', scan({ payer: 'pays' })),
  {
    ...paid('demo-scan-password', 'code scanned, paid after the password', scan({ payer: 'password' }), typePassword),
    protocol: 'v2',
  },
  {
    orderNo: 'demo-scan-silent',
    title: 'code scanned, no answer, reversed after 45 s',
    protocol: 'v2',
    expected: 'closed (reversed)',
    told: ['order.closed'],
    run: scan({ payer: 'silent' }),
  },
  paid('demo-scan-killed', 'worker killed (-9) in the charge, charged once', answeredLate, killWhileCharging),
];
