import { setTimeout as sleep } from 'node:timers/promises';
import { open, pay, payInFlight, story, close, type Scenario } from '../src/entries/demo/scenario.js';
import { SCENARIOS } from '../src/entries/demo/scenarios.js';
import type { ShopEndpoint } from '../src/entries/demo/shop-endpoint.js';
import type { DemoOrderDetail, Shop } from '../src/entries/demo/shop.js';
import type { PlannedOrder, Protocol } from './plan.js';

export type Story = { readonly name: string; readonly protocol: Protocol; readonly run: Scenario['run'] };

/** In the lab everything is killed anyhow, and all the time. */
const KILLING = ['demo-worker-killed', 'demo-refund-killed', 'demo-scan-killed'];

const isForLab = ({ orderNo, before }: Scenario): boolean => before === undefined && !KILLING.includes(orderNo);

const overdue = { fulfilment: { required: true, deadlineSeconds: 60, onDeadline: 'refund' } };

/** What shops and payers do: the demo's scenarios of today, and some more. */
export const STORIES: readonly Story[] = [
  ...SCENARIOS.filter(isForLab).map(({ title, protocol, run }): Story => ({
    name: title,
    protocol: protocol ?? 'v3',
    run,
  })),
  { name: 'goods overdue, refunded', protocol: 'v3', run: story(open({ policy: overdue }), pay) },
  {
    name: 'late money accepted',
    protocol: 'v3',
    run: story(open({ policy: { latePayment: 'accept' } }), close, payInFlight),
  },
  {
    name: 'late money reviewed',
    protocol: 'v3',
    run: story(open({ policy: { latePayment: 'review' } }), close, payInFlight),
  },
];

export type Told = { readonly order: PlannedOrder; readonly cut: string | undefined };

type Stalls = {
  readonly shops: Readonly<Record<Protocol, Shop>>;
  readonly endpoint: ShopEndpoint;
  readonly startMs: number;
};

/** Tells the order's story when its time has come. A story that its faults do not let go on is cut short, and says why. */
export async function tell({ shops, endpoint, startMs }: Stalls, order: PlannedOrder): Promise<Told> {
  const found = STORIES.find(({ name, protocol }) => name === order.story && protocol === order.protocol);
  if (found === undefined) throw new Error(`there is no story ${order.story}`);
  const { orderNo, amountFen, expiresInSeconds, faults } = order;
  await sleep(Math.max(0, startMs + order.atMs - Date.now()));
  const shop = hastyShop(shops[order.protocol], expiresInSeconds);
  const context = { shop, endpoint, orderNo, amountFen, orderCount: 0, worker: nobody, alone };
  try {
    if (faults.length > 0) await shop.addFaults(faults.map((fault) => ({ outTradeNo: orderNo, ...fault })));
    await found.run(context);
    return { order, cut: undefined };
  } catch (error) {
    return { order, cut: error instanceof Error ? error.message : String(error) };
  }
}

/** Orders that live briefly, and a shop that waits for none which has ended otherwise. */
const hastyShop = (shop: Shop, expiresInSeconds: number): Shop => ({
  ...shop,
  createOrder: (body) => shop.createOrder({ expiresInSeconds, ...body }),
  orderWhen: async (orderNo, what, wished) => {
    const seen = await shop.orderWhen(orderNo, what, (order) => wished(order) || isElsewhere(order));
    if (!wished(seen)) throw new Error(`${orderNo} is ${seen.state}, and will not be ${what}`);
    return seen;
  },
});

/** Later money would still move it; the stories wait for none. */
const isElsewhere = ({ state }: DemoOrderDetail): boolean => state !== 'creating' && state !== 'awaitingPayment';

const nobody = {
  get now(): never {
    throw new Error('the lab hurts processes itself');
  },
  restart: () => Promise.reject(new Error('the lab hurts processes itself')),
  stop: () => Promise.reject(new Error('the lab hurts processes itself')),
  kill: () => Promise.reject(new Error('the lab hurts processes itself')),
};

const alone = <T>(work: () => Promise<T>): Promise<T> => work();
