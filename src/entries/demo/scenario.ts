import type { DevStack } from '../stack/dev-stack.js';
import type { DemoOrder, Fault, NewOrder, Shop } from './shop.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import { until } from './until.js';
import type { Expectation } from './verdict.js';

export type Scenario = Expectation & {
  readonly orderNo: string;
  readonly title: string;
  /** Of which merchant; default API v3's. */
  readonly protocol?: 'v2';
  /** What happens on a day that is over, by WeChat Pay's clock. */
  readonly before?: Act;
  readonly run: Act;
};

export type ScenarioContext = {
  readonly shop: Shop;
  readonly endpoint: ShopEndpoint;
  readonly worker: DevStack['worker'];
  readonly orderNo: string;
  readonly amountFen: number;
  /** Of the same merchant. */
  readonly orderCount: number;
  /** Runs such work one after the other: a dead worker cannot be killed, and a day's run is not slowed down by it. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
};

export type Act = (context: ScenarioContext) => Promise<unknown>;

export const story =
  (...acts: readonly Act[]): Act =>
  async (context) => {
    for (const act of acts) await act(context);
  };

export const paid = (orderNo: string, title: string, ...acts: readonly Act[]): Scenario => ({
  orderNo,
  title,
  expected: 'paid',
  told: ['order.paid'],
  run: story(...acts),
});

export const faults =
  (...list: readonly Fault[]): Act =>
  ({ shop, orderNo }) =>
    shop.addFaults(list.map((fault) => ({ outTradeNo: orderNo, ...fault })));

export const notifyLost = faults({ on: 'notify', kind: 'drop', times: 0 });

/** The shop creates the order, and the payer has a code. */
export const open =
  (fields: Partial<NewOrder> = {}): Act =>
  async (context) => {
    await create(fields)(context);
    await context.shop.orderWhen(context.orderNo, 'payable', isPayable);
  };

export const create =
  (fields: Partial<NewOrder> = {}): Act =>
  ({ shop, orderNo, amountFen }) =>
    shop.createOrder({ orderNo, amountFen, description: `Demo ${orderNo}`, ...fields });

const isPayable = (order: DemoOrder): boolean => order.attempts.some((attempt) => attempt.state === 'open');

export const pay: Act = ({ shop, orderNo }) => shop.pay(orderNo);

/** The payer's bank was asked before the trade was closed, and pays after it. */
export const payInFlight: Act = ({ shop, orderNo }) => shop.pay(orderNo, { inFlight: true });

export const sync: Act = ({ shop, orderNo }) => shop.sync(orderNo);
export const close: Act = ({ shop, orderNo }) => shop.close(orderNo);
export const rejectFulfilment: Act = ({ shop, orderNo }) => shop.rejectFulfilment(orderNo);

export const resolve =
  (action: 'accept' | 'return'): Act =>
  ({ shop, orderNo }) =>
    shop.resolve(orderNo, action);

export const untilState =
  (state: string) =>
  ({ shop, orderNo }: ScenarioContext) =>
    shop.orderWhen(orderNo, state, (order) => order.state === state);

export const untilTold =
  (type: string) =>
  ({ endpoint, orderNo }: ScenarioContext) =>
    until(`${orderNo}: the shop to hear ${type}`, () =>
      Promise.resolve(endpoint.heard(orderNo).find((event) => event.type === type)),
    );

/** The shortest an order may live. */
export const SHORT = { expiresInSeconds: 60 };

/** The other scenarios need the worker: it comes back even when `work` fails. */
export async function whileWorkerDead({ worker }: ScenarioContext, work: () => Promise<unknown>): Promise<void> {
  await worker.kill('SIGKILL');
  try {
    await work();
  } finally {
    await worker.restart();
  }
}
