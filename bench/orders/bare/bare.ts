import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Stack } from '../../../src/embedded/stack.js';
import type { Timed } from '../contender.js';
import { startForked } from '../forked.js';
import { createExpected, inFlight } from '../in-flight.js';
import type { bare, bareLocal } from './workflows.js';

type Server = { readonly address: string; readonly namespace: string };

export type Bare = Awaited<ReturnType<typeof startBare>>;

/** The payer takes a moment: the workflow waits when it is signalled, as an order does. */
const PAYER_MS = 100;

/** A worker of its own on the Temporal server that PaySaga's uses. The client is the benchmark's, and is not counted. */
export async function startBare(stack: Stack, { address, namespace }: Server) {
  const taskQueue = `bare-${randomBytes(4).toString('hex')}`;
  const told = createExpected();
  const worker = await stack.start('the bare worker', () =>
    startForked(new URL('./worker.ts', import.meta.url), { address, namespace, taskQueue }, (name) => told.has(name)),
  );
  const connection = await Connection.connect({ address });
  const stop = () => connection.close();
  await stack.start("the bare workflows' client", () => Promise.resolve({ stop, kill: stop }));
  const client = new Client({ connection, namespace });
  const run = async (workflow: 'bare' | 'bareLocal', count: number): Promise<Timed> => {
    const batch = randomBytes(4).toString('hex');
    const [createMs, paidMs]: [number[], number[]] = [[], []];
    await inFlight(count, async (index) => {
      const workflowId = `${workflow}/${batch}/${index}`;
      const startedAt = performance.now();
      const handle = await client.workflow.start<typeof bare | typeof bareLocal>(workflow, {
        taskQueue,
        workflowId,
        args: [workflowId],
      });
      await told.wait(`first ${workflowId}`);
      createMs.push(performance.now() - startedAt);
      await sleep(PAYER_MS);
      const signalledAt = performance.now();
      await handle.signal('paid');
      await told.wait(`second ${workflowId}`);
      paidMs.push(performance.now() - signalledAt);
    });
    return { createMs, paidMs };
  };
  return { pid: worker.pid, run };
}
