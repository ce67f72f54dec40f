import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../src/embedded/cache.js';
import { findTemporal } from '../../src/embedded/temporal-binary.js';
import {
  startTemporal,
  temporalWorks,
  type TemporalOptions,
  type TemporalServer,
} from '../../src/embedded/temporal.js';

const say = (line: string) => void process.stderr.write(`${line}\n`);

// Where it has to be built first, that takes minutes.
beforeAll(async () => {
  await findTemporal({ env: process.env, cacheDir: cacheFolder(process.env), onProgress: say });
}, 1_200_000);

let folder: string;
const running: TemporalServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-temporal-'));
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  await rm(folder, { recursive: true });
});

async function start(options: Partial<TemporalOptions> = {}): Promise<TemporalServer> {
  const cacheDir = cacheFolder(process.env);
  const server = await startTemporal({ env: process.env, cacheDir, ui: false, onProgress: say, ...options });
  running.push(server);
  return server;
}

async function withClient<T>(server: TemporalServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

const retentionDays = (server: TemporalServer) =>
  withClient(server, async ({ workflowService }) => {
    const { config } = await workflowService.describeNamespace({ namespace: server.namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
  });

const attributes = (server: TemporalServer) =>
  withClient(server, async ({ connection }) => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: server.namespace });
    return Object.keys(customAttributes).sort();
  });

const startOrder = (server: TemporalServer, workflowId: string) =>
  withClient(server, ({ workflow }) => workflow.start('order', { workflowId, taskQueue: 'nobody' }));

test('the namespace keeps closed workflows for thirty days and knows the search attributes', async () => {
  const server = await start();
  expect(await retentionDays(server)).toBe(30);
  expect(await attributes(server)).toEqual(['Mchid', 'PayState', 'StuckReason']);
});

test('after a kill the same ports and file go on with the same workflows', async () => {
  const dbFile = join(folder, 'temporal.db');
  const killed = await start({ dbFile });
  await startOrder(killed, 'order/1/A1');
  await killed.kill();
  const again = await start({ dbFile, port: Number(killed.address.split(':')[1]) });
  expect(again.address).toBe(killed.address);
  const described = await withClient(again, ({ workflow }) => workflow.getHandle('order/1/A1').describe());
  expect(described.status.name).toBe('RUNNING');
  expect(await retentionDays(again)).toBe(30);
  await temporalWorks(again);
});

test('a server that already runs is given the namespace and attributes it lacks, and is not stopped', async () => {
  const owner = await start();
  const guest = await start({ address: owner.address, namespace: 'another' });
  expect(guest).toMatchObject({ address: owner.address, namespace: 'another', pid: null, uiUrl: null });
  expect(await attributes(guest)).toEqual(['Mchid', 'PayState', 'StuckReason']);
  await guest.stop();
  expect(await retentionDays(guest)).toBe(30);
});

test('two servers run side by side, one of them with a UI', async () => {
  const [first, second] = await Promise.all([start({ ui: true }), start()]);
  expect(first.address).not.toBe(second.address);
  expect((await fetch(first.uiUrl ?? '')).status).toBe(200);
  expect(second.uiUrl).toBeNull();
});

test('an address where nobody answers is named', async () => {
  const connection = { connectTimeout: 500 };
  await expect(start({ address: '127.0.0.1:1', connection })).rejects.toThrow(
    /No Temporal server answers at 127.0.0.1:1/,
  );
});
