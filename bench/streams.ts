import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from '../src/cli/kit/progress.js';
import { parseFen } from '../src/base/money.js';
import { parseMchid, parseOrderNo, type Mchid, type OrderNo } from '../src/base/ids.js';
import { connect, type Connection } from '../src/db/connection.js';
import { STREAMS_PER_KEY } from '../src/http/kit/event-stream.js';
import { DEFAULT_POLICY } from '../src/orders/rules/policy.js';
import { insertOrder } from '../src/orders/store/order.js';
import { quantile } from './measure.js';
import type { BenchOptions, Figure, Measured } from './part.js';
import { processCostOf, rssMbOf, withProcesses, type Processes } from './processes.js';
import { bearer, known, TOTAL_FEN } from './shop.js';

const AT_ONCE = 20;
const IDLE_MS = 16_000;
const CHANGES_A_SECOND = 100;

/** Server-sent streams of as many orders, each followed by one client; every order changes once. */
export async function streams({ orders = 1_000, ...shared }: BenchOptions): Promise<Measured> {
  // All are of one key, and those that warm up may not be quite gone.
  const most = STREAMS_PER_KEY - AT_ONCE;
  if (orders > most) throw new Error(`streams: --orders is at most ${most}`);
  const figures = await withProcesses(shared, {}, (processes) => measure(processes, orders, shared.onProgress));
  return { figures, floors: {}, sizes: { orders } };
}

type Seen = { cpuMs: number | null; count: number };

async function measure(processes: Processes, count: number, onProgress: BenchOptions['onProgress']): Promise<Figure[]> {
  const { dev, worker, pids } = processes;
  // No worker: its sweeper would start orders that are rows alone.
  await worker.stop();
  const connection = connect(dev.databaseUrl, { max: 4 });
  try {
    const orderNos = await writeOrders(connection, dev.mchid, count);
    const { ingress = 0 } = pids;
    const cpuOf = async (work: () => Promise<unknown>): Promise<Seen> => {
      const { cpuMs } = await processCostOf({ ingress }, work);
      return { cpuMs: cpuMs['ingress'] ?? null, count };
    };
    const warm = await openAll(processes, orderNos.slice(0, AT_ONCE));
    warm.close();
    const emptyMb = await rssMbOf(ingress);
    onProgress(`Opening ${count} streams`);
    let opened = warm;
    const opening = await cpuOf(async () => (opened = await openAll(processes, orderNos)));
    const idle = await cpuOf(() => sleep(IDLE_MS));
    const openMb = await rssMbOf(ingress);
    onProgress(`Changing ${count} orders`);
    let delays: readonly number[] = [];
    const changing = await cpuOf(async () => (delays = await changeAll(connection, opened, orderNos)));
    opened.close();
    const grownMb = openMb === null || emptyMb === null ? null : openMb - emptyMb;
    return figuresOf({ opening, idle, changing }, grownMb, delays);
  } finally {
    await connection.close();
  }
}

function figuresOf(
  seen: Readonly<Record<'opening' | 'idle' | 'changing', Seen>>,
  grownMb: number | null,
  delays: readonly number[],
): Figure[] {
  const each = ({ cpuMs, count }: Seen, seconds = 1) => (cpuMs === null ? null : cpuMs / count / seconds);
  const { opening, idle, changing } = seen;
  return [
    { key: 'streamOpenCpuMs', value: each(opening), unit: 'ms', what: 'CPU of the ingress to open one stream' },
    { key: 'streamIdleCpuMs', value: each(idle, IDLE_MS / 1_000), unit: 'ms', what: 'to keep one open for a second' },
    { key: 'streamChangeCpuMs', value: each(changing), unit: 'ms', what: 'to tell one of a change' },
    { key: 'streamsRssMb', value: grownMb, unit: 'MB', what: `growth of the ingress by ${opening.count} streams` },
    { key: 'streamToldP50Ms', value: quantile(delays, 0.5), unit: 'ms', what: 'from the change to its event' },
    { key: 'streamToldP99Ms', value: quantile(delays, 0.99), unit: 'ms', what: 'the same, the slowest of a hundred' },
  ];
}

async function writeOrders({ db }: Connection, merchant: string, count: number): Promise<OrderNo[]> {
  const orderNos = Array.from({ length: count }, (_, at) => known(parseOrderNo(`stream-${at}`)));
  const mchid = known(parseMchid(merchant));
  await inParallel(orderNos, (orderNo) => insertOrder(db, newOrder(mchid, orderNo)), 4);
  return orderNos;
}

const newOrder = (mchid: Mchid, orderNo: OrderNo) => ({
  ...{ mchid, orderNo, bodyHash: 'generated', amountFen: known(parseFen(TOTAL_FEN)), description: '龙井 two cups' },
  ...{ attach: null, returnUrl: null, metadata: null, policy: DEFAULT_POLICY, expiresInSeconds: 7_200 },
  ...({ createdAt: new Date(), product: 'native', appid: 'wx0000000000000001', openid: null, clientIp: null } as const),
  h5Type: null,
});

type Opened = {
  /** The next event of an order's stream after this call. */
  next(orderNo: OrderNo): Promise<void>;
  close(): void;
};

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** Resolves when each has told its first event. */
async function openAll({ dev }: Processes, orderNos: readonly OrderNo[]): Promise<Opened> {
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const waiting = new Map<OrderNo, Waiting>();
  const responses: IncomingMessage[] = [];
  const next = (orderNo: OrderNo) => new Promise<void>((resolve, reject) => waiting.set(orderNo, { resolve, reject }));
  const url = (orderNo: OrderNo): string => `${dev.apiUrl}/v1/orders/${orderNo}/stream`;
  const begun = async (orderNo: OrderNo): Promise<void> => {
    const first = next(orderNo);
    const response = await begin(url(orderNo), { agent, headers: bearer(dev) });
    responses.push(response);
    response.on('data', (chunk: Buffer) => {
      if (chunk.includes('event: order')) waiting.get(orderNo)?.resolve();
    });
    response.once('close', () => waiting.get(orderNo)?.reject(new Error(`The stream of ${orderNo} has ended`)));
    await first;
  };
  await inParallel(orderNos, begun, AT_ONCE);
  return { next, close: () => responses.forEach((it) => it.destroy()) };
}

/** A key may do so many calls a second; whoever comes too early is told to come again. */
async function begin(url: string, options: object): Promise<IncomingMessage> {
  for (;;) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(url, options, resolve).once('error', reject);
    });
    if (response.statusCode === 200) return response;
    response.resume();
    if (response.statusCode !== 429) throw new Error(`${url} answered ${response.statusCode}`);
    await sleep(1_000);
  }
}

/** At an even pace; a new version is what a change tells, whatever changed. */
async function changeAll({ sql }: Connection, opened: Opened, orderNos: readonly OrderNo[]): Promise<number[]> {
  const delays: number[] = [];
  const changes = orderNos.map(async (orderNo, at) => {
    await sleep((at / CHANGES_A_SECOND) * 1_000);
    const told = opened.next(orderNo);
    await sql`update orders set version = version + 1 where order_no = ${orderNo}`;
    const changedAt = performance.now();
    await told;
    delays.push(performance.now() - changedAt);
  });
  await Promise.all(changes);
  return delays;
}
