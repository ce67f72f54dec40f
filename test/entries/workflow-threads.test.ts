import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { leanWorkflowThreads } from '../../src/entries/workflow-threads.js';
import { useSaga } from '../support/saga.js';

/** Says what its thread lets the SDK do. */
const LOOKS = `
  const { parentPort } = require('node:worker_threads');
  const { createContext, Script } = require('node:vm');
  const works = (run) => { try { run(); return true; } catch { return false; } };
  const slow = new Script('for (const end = Date.now() + 50; Date.now() < end; );');
  parentPort.postMessage({
    hooksPromises: works(() => require('node:v8').promiseHooks.createHook({ init() {} })()),
    isBounded: !works(() => slow.runInContext(createContext({}), { timeout: 1, displayErrors: true })),
  });
`;

const looked = z.object({ hooksPromises: z.boolean(), isBounded: z.boolean() });

describe('the threads that run workflows', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paysaga-threads-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As the SDK starts one: by `require`, and by the name of the file. */
  async function startedFrom(name: string): Promise<z.infer<typeof looked>> {
    const file = join(folder, name);
    await writeFile(file, LOOKS);
    const threads: unknown = createRequire(import.meta.url)('node:worker_threads');
    const sdk = z.object({ Worker: z.custom<typeof Worker>() }).parse(threads);
    const [said] = z.tuple([looked]).parse(await once(new sdk.Worker(file), 'message'));
    return said;
  }

  it('neither watch promises nor time scripts; other threads are as Node has them', async () => {
    leanWorkflowThreads();
    leanWorkflowThreads();
    expect(await startedFrom('workflow-worker-thread.js')).toEqual({ hooksPromises: false, isBounded: false });
    expect(await startedFrom('other-thread.js')).toEqual({ hooksPromises: true, isBounded: true });
  });
});

describe('a worker', () => {
  const saga = useSaga();

  it('says of an order that stack traces are off, and explains it all the same', async () => {
    const { orderNo } = await saga.createOrder();
    const order = saga.workflow(orderNo);
    await expect(order.query('__stack_trace')).rejects.toThrow('stack traces are not enabled');
    expect(await order.query('status')).toMatchObject({ state: 'awaitingPayment' });
  });
});
