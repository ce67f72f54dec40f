import { createStack, type Stack } from '../src/embedded/stack.js';
import { startBare } from './orders/bare/bare.js';
import { measureRounds, type Contender } from './orders/contender.js';
import { measureCounts } from './orders/counts.js';
import { figuresOf } from './orders/figures.js';
import { startPlain, type Floor } from './orders/plain/plain.js';
import { happyOrders, startSink, type Sink } from './orders/shop.js';
import { statementsOf } from './orders/statements.js';
import type { BenchOptions, Measured } from './part.js';
import { startDbos } from './peers/dbos.js';
import { rssMbOf, withProcesses, type Processes } from './processes.js';

/** Happy orders over the whole wire, and what they are held against, in turns. */
export async function orders({ orders: count = 200, rounds = 5, ...options }: BenchOptions): Promise<Measured> {
  const { stack, onProgress } = options;
  const sink = await stack.start('the shop', startSink);
  return withProcesses(options, { webhookUrl: sink.url }, async (processes) => {
    const floors = createStack(() => undefined);
    await stack.start('the floors', () => Promise.resolve({ stop: floors.stopAll, kill: floors.stopAll }));
    try {
      const { contenders, plain } = await contendersOf(processes, sink, floors);
      const runs = await measureRounds(contenders, { count, rounds, onProgress });
      await plain.requireSameRows();
      onProgress('Counting events and statements');
      const counts = await measureCounts(processes.dev, sink, count);
      const asked = await statementsOf(processes, () => happyOrders(processes.dev, sink, count));
      const { worker = 0, ingress = 0 } = processes.pids;
      const rss = { workerRssMb: await rssMbOf(worker), ingressRssMb: await rssMbOf(ingress) };
      return { ...figuresOf({ runs, counts, asked, rss, count }), sizes: { orders: count, rounds } };
    } finally {
      await floors.stopAll();
    }
  });
}

async function contendersOf(processes: Processes, sink: Sink, stack: Stack) {
  const { dev, pids, temporal } = processes;
  const { temporal: server = 0 } = pids;
  const bare = await startBare(stack, temporal.now);
  const ofBare = { worker: bare.pid, temporal: server };
  const plain = await startPlain(stack, processes, sink.url);
  const dbos = await startDbos(stack, processes, sink.url);
  const at = ({ apiUrl }: Floor) => ({ ...dev, apiUrl });
  const contenders: Contender[] = [
    { name: 'order', pids, run: (count) => happyOrders(dev, sink, count) },
    { name: 'bare', pids: ofBare, run: (count) => bare.run('bare', count) },
    { name: 'bareLocal', pids: ofBare, run: (count) => bare.run('bareLocal', count) },
    { name: 'plain', pids: plain.pids, run: (count) => happyOrders(at(plain), sink, count) },
    { name: 'dbos', pids: dbos.pids, run: (count) => happyOrders(at(dbos), sink, count) },
  ];
  return { contenders, plain };
}
