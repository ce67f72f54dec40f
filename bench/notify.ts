import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { spawnService } from '../src/embedded/children.js';
import { freePorts } from '../src/embedded/machine.js';
import { inParallel } from '../src/cli/kit/progress.js';
import { median, medianIfKnown, quantile, sumIfKnown } from './measure.js';
import { send } from './notify/send.js';
import { paidNotify, type SealedNotify } from './notify/wechatpay.js';
import { wechatPayOf } from './notify/sandbox-key.js';

import type { BenchOptions, Figure, Measured } from './part.js';
import { processCostOf, withProcesses, type Processes, type ProcessCost } from './processes.js';
import { createOrder, TOTAL_FEN } from './shop.js';

/** Requests in flight. */
const AT_ONCE = 10;

type Way = 'floor' | 'ours';
type Round = ProcessCost & { readonly answeredMs: readonly number[] };

/**
 * Notifies for orders that run, to the ingress and, for others of them, to the least that could acknowledge them. No worker runs
 * meanwhile: what an order does with its notify is not the notify's cost.
 */
export async function notify({ orders = 100, rounds = 7, ...shared }: BenchOptions): Promise<Measured> {
  // As by default: a line a request is part of the cost.
  const environment = { PAYSAGA_LOG_LEVEL: 'info' };
  const found = await withProcesses(shared, { environment }, (processes) =>
    measure(processes, { orders, rounds, ...shared }),
  );
  return { ...measured(found, orders), sizes: { orders, rounds } };
}

type Sizes = { readonly orders: number; readonly rounds: number };

async function measure(
  processes: Processes,
  options: Sizes & Pick<BenchOptions, 'onProgress'>,
): Promise<Record<Way, Round[]>> {
  const { orders, rounds, onProgress } = options;
  const { dev, worker, pids } = processes;
  // One round more, in which code is compiled and statements are planned.
  const perWay = orders * (rounds + 1);
  onProgress(`Placing ${2 * perWay} orders`);
  const batch = randomBytes(4).toString('hex');
  const orderNos = Array.from({ length: 2 * perWay }, (_, at) => `n-${batch}-${at}`);
  await inParallel(orderNos, (orderNo) => createOrder(dev, orderNo));
  await worker.stop();
  const wechatpay = await wechatPayOf(processes.home, dev.mchid);
  const floor = await startFloor(processes);
  const urls = {
    ours: () => `${dev.apiUrl}/notify/wechatpay/v3/${dev.mchid}`,
    floor: (orderNo: string) => `${floor.url}/${dev.mchid}/${orderNo}`,
  };
  const { temporal = 0, postgres = 0, ingress = 0 } = pids;
  const handlers = { ours: ingress, floor: floor.pid };
  const found: Record<Way, Round[]> = { floor: [], ours: [] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      onProgress(`Sending ${orders} notifies twice, round ${round} of ${rounds}`);
      const ways = round % 2 === 0 ? (['floor', 'ours'] as const) : (['ours', 'floor'] as const);
      for (const way of ways) {
        const own = orderNos.splice(0, orders);
        const notifies = await Promise.all(own.map((outTradeNo) => sealed(wechatpay, outTradeNo)));
        const answeredMs: number[] = [];
        const cost = await processCostOf({ temporal, postgres, handler: handlers[way] }, () =>
          inParallel(
            notifies,
            async ({ outTradeNo, ...it }) => answeredMs.push(await send(urls[way](outTradeNo), it)),
            AT_ONCE,
          ),
        );
        if (round > 0) found[way].push({ ...cost, answeredMs });
      }
    }
  } finally {
    await floor.stop();
  }
  return found;
}

async function sealed(
  wechatpay: Parameters<typeof paidNotify>[0],
  outTradeNo: string,
): Promise<SealedNotify & { readonly outTradeNo: string }> {
  return { outTradeNo, ...(await paidNotify(wechatpay, { outTradeNo, totalFen: TOTAL_FEN })) };
}

const FLOOR = fileURLToPath(new URL('./notify/floor-process.ts', import.meta.url));

async function startFloor({ dev: { databaseUrl, temporalAddress }, temporal }: Processes) {
  const [port = 0] = await freePorts(1);
  const given = JSON.stringify({ port, databaseUrl, temporalAddress, namespace: temporal.now.namespace });
  const service = await spawnService({
    name: 'the floor',
    command: process.execPath,
    args: ['--import', import.meta.resolve('tsx'), FLOOR, given],
    ready: /^floor listening$/,
  });
  return { ...service, url: `http://127.0.0.1:${port}` };
}

function measured(found: Record<Way, Round[]>, orders: number): Omit<Measured, 'sizes'> {
  const perNotify = (way: Way, names: readonly string[]): number | null => {
    const ms = medianIfKnown(found[way].map(({ cpuMs }) => sumIfKnown(names.map((name) => cpuMs[name] ?? null))));
    return ms === null ? null : ms / orders;
  };
  const [floor, ours] = [perNotify('floor', ALL), perNotify('ours', ALL)];
  const answered = (way: Way, share: number) => median(found[way].map(({ answeredMs }) => quantile(answeredMs, share)));
  const figures: Figure[] = [
    {
      ...{ key: 'notifyCpuRatio', value: floor === null || ours === null ? null : floor / ours, unit: 'ratio' },
      ...{ what: 'bare handler with one row and one signal ÷ ours, CPU of ingress, Postgres, Temporal' },
      budget: { atLeast: 0.7 },
    },
    {
      ...{ key: 'notifyIngressCpuMs', value: perNotify('ours', ['handler']), unit: 'ms' },
      ...{ what: 'CPU of the ingress, a notify', budget: { atMost: 3 } },
    },
    { key: 'notifyCpuMs', value: ours, unit: 'ms', what: 'the same of ingress, Postgres and Temporal' },
    { key: 'notifyPostgresCpuMs', value: perNotify('ours', ['postgres']), unit: 'ms', what: 'of Postgres alone' },
    { key: 'notifyTemporalCpuMs', value: perNotify('ours', ['temporal']), unit: 'ms', what: 'of Temporal alone' },
    {
      key: 'notifyAnswerP50Ms',
      value: answered('ours', 0.5),
      unit: 'ms',
      what: `until the answer, ${AT_ONCE} in flight`,
    },
    { key: 'notifyAnswerP99Ms', value: answered('ours', 0.99), unit: 'ms', what: 'the same, the slowest of a hundred' },
  ];
  return {
    figures,
    floors: {
      ...{ notifyFloorCpuMs: floor, notifyFloorHandlerCpuMs: perNotify('floor', ['handler']) },
      ...{
        notifyFloorPostgresCpuMs: perNotify('floor', ['postgres']),
        notifyFloorTemporalCpuMs: perNotify('floor', ['temporal']),
      },
      notifyFloorAnswerP50Ms: answered('floor', 0.5),
    },
  };
}

const ALL = ['handler', 'postgres', 'temporal'] as const;
