import type { DevStack } from '../stack/dev-stack.js';
import { pause, type DemoOrder, type Fault, type Shop } from './shop.js';

/** One order of the demo: what happens to it, and how it must end. */
export type Scenario = {
  readonly orderNo: string;
  readonly title: string;
  readonly expected: string;
  readonly run: (context: ScenarioContext) => Promise<void>;
};

export type ScenarioContext = {
  readonly shop: Shop;
  readonly stack: DevStack;
  readonly orderNo: string;
  readonly amountFen: number;
};

/** The shortest an order may live. */
const SHORT_SECONDS = 60;

const isPayable = (order: DemoOrder): boolean => order.attempts.some((attempt) => attempt.state === 'open');

async function open({ shop, orderNo, amountFen }: ScenarioContext, expiresInSeconds?: number): Promise<void> {
  const expires = expiresInSeconds === undefined ? {} : { expiresInSeconds };
  await shop.createOrder({ orderNo, amountFen, description: `Demo ${orderNo}`, ...expires });
  await shop.orderWhen(orderNo, isPayable);
}

type Act = (context: ScenarioContext) => Promise<void>;

const pay: Act = ({ shop, orderNo }) => shop.pay(orderNo);
const sync: Act = ({ shop, orderNo }) => shop.sync(orderNo);

/** Something goes wrong with this order, it is opened all the same, and then the payer acts. */
function story(faults: readonly Fault[], ...acts: readonly Act[]): Act {
  return async (context) => {
    await context.shop.addFaults(faults.map((fault) => ({ outTradeNo: context.orderNo, ...fault })));
    await open(context);
    for (const act of acts) await act(context);
  };
}

const NOTIFY_LOST: Fault = { on: 'notify', kind: 'drop', times: 0 };

/** In the order they are shown; all run at the same time. Most of the demo's time is the first minute, in which nobody polls. */
export const SCENARIOS: readonly Scenario[] = [
  { orderNo: 'demo-notify', title: 'paid by notify', expected: 'paid', run: story([], pay) },
  {
    orderNo: 'demo-lost-polled',
    title: 'notify lost, paid by polling',
    expected: 'paid',
    run: story([NOTIFY_LOST], pay),
  },
  {
    orderNo: 'demo-lost-synced',
    title: 'notify lost, the payer came back (sync)',
    expected: 'paid',
    run: story([NOTIFY_LOST], pay, sync),
  },
  {
    orderNo: 'demo-doubled',
    title: 'notify doubled',
    expected: 'paid',
    run: story([{ on: 'notify', kind: 'duplicate' }], pay),
  },
  {
    orderNo: 'demo-late-notify',
    title: 'notify after the query already knew',
    expected: 'paid',
    run: story([{ on: 'notify', kind: 'delay', ms: 4_000 }], pay, sync),
  },
  {
    orderNo: 'demo-forged',
    title: 'notify with a broken signature first',
    expected: 'paid',
    run: story([{ on: 'notify', kind: 'badSignature' }], pay),
  },
  {
    orderNo: 'demo-never-paid',
    title: 'never paid, closed at its deadline',
    expected: 'closed (expired)',
    run: (context) => open(context, SHORT_SECONDS),
  },
  {
    orderNo: 'demo-paid-closing',
    title: 'paid in the moment of closing',
    expected: 'paid',
    async run(context) {
      await context.shop.addFaults([{ on: 'close', outTradeNo: context.orderNo, kind: 'payBefore' }]);
      await open(context, SHORT_SECONDS);
    },
  },
  {
    orderNo: 'demo-gateway-down',
    title: 'gateway down for a while: 500s, and an answer lost after its effect',
    expected: 'paid',
    run: story(
      [
        { on: 'prepay', kind: 'timeoutAfter' },
        { on: 'prepay', kind: 'http500', times: 2 },
        { on: 'query', kind: 'http500', times: 3 },
      ],
      pay,
    ),
  },
  {
    orderNo: 'demo-worker-killed',
    title: 'worker killed (-9) while waiting, paid meanwhile',
    expected: 'paid',
    async run(context) {
      const { stack } = context;
      await open(context);
      // By then the others have begun, and the kill hits them too.
      await pause(15_000);
      await stack.worker.kill('SIGKILL');
      await pay(context);
      await pause(2_000);
      await stack.worker.restart();
    },
  },
];
