import { until } from './until.js';
import {
  faults,
  open,
  pay,
  story,
  untilState,
  untilTold,
  type Act,
  type Scenario,
  type ScenarioContext,
} from './scenario.js';

/** The worker is killed before this answer comes. */
const REFUND_ANSWERED_MS = 15_000;

/** Brings the worker back even when `work` fails: the other scenarios need it. */
async function whileWorkerDead({ worker }: ScenarioContext, work: () => Promise<unknown>): Promise<void> {
  await worker.kill('SIGKILL');
  try {
    await work();
  } finally {
    await worker.restart();
  }
}

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

/** The shop or the worker is away for a while. */
export const crashes: readonly Scenario[] = [
  {
    orderNo: 'demo-shop-down',
    title: 'shop down when it is told, told 5 s later',
    expected: 'paid',
    told: ['order.paid'],
    run: story(shopIsDown, open(), pay, untilToldAgain),
  },
  {
    orderNo: 'demo-worker-killed',
    title: 'worker killed (-9) while waiting, paid meanwhile',
    expected: 'paid',
    told: ['order.paid'],
    run: story(open(), killWhileWaiting),
  },
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
