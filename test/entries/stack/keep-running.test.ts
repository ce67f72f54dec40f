import { expect, onTestFinished, test, vi } from 'vitest';
import { spawnService, type Service } from '../../../src/embedded/children.js';
import { freePorts } from '../../../src/embedded/machine.js';
import { temporalWorks } from '../../../src/embedded/temporal.js';
import { keepRunning, type Kept } from '../../../src/entries/stack/keep-running.js';
import { replaceable, type Part } from '../../../src/entries/stack/processes.js';
import { until } from '../../support/until.js';

const PACE = { waitMs: 1, lookEveryMs: 1, patienceMs: 5 };
const WAITS = `console.log('ready'); setInterval(() => {}, 1e6);`;

const start = (): Promise<Service> =>
  spawnService({ name: 'a part', command: process.execPath, args: ['-e', WAITS], ready: /ready/ });

async function kept(change: (part: Part<Service>) => Partial<Kept> = () => ({})) {
  const part: Part<Service> = await replaceable(start);
  const lines: string[] = [];
  const watch = keepRunning([{ name: 'a part', part, ...change(part) }], (line) => lines.push(line), PACE);
  onTestFinished(async () => {
    await watch.stop();
    await part.kill('SIGKILL');
  });
  return { part, watch, lines };
}

test('what ends is started again, as often as it ends, and said', async () => {
  const { part, lines } = await kept();
  for (const times of [1, 2]) {
    const { pid } = part.now;
    process.kill(pid, 'SIGKILL');
    await until('another process', () => part.now.pid !== pid);
    await until('both lines', () => lines.length === times * 2);
  }
  expect(lines.slice(0, 2)).toEqual(['a part ended (SIGKILL), starting again in 0.001 s', 'a part runs again']);
});

test('a start that fails is tried again, and said', async () => {
  const { part, lines } = await kept();
  const restart = vi.spyOn(part, 'restart').mockRejectedValueOnce(new Error('no room\nand more'));
  const { pid } = part.now;
  process.kill(pid, 'SIGKILL');
  await until('another process', () => part.now.pid !== pid);
  expect(restart).toHaveBeenCalledTimes(2);
  expect(lines).toContain('no room');
});

test('what answers only errors is ended and started again; one error is nothing', async () => {
  const broken = new Set<number>();
  const works = vi.fn(() => Promise.resolve());
  const { part, lines } = await kept((it) => ({
    works: () => (broken.has(it.now.pid) ? Promise.reject(new Error('interrupted')) : works()),
  }));
  works.mockRejectedValueOnce(new Error('once'));
  await until('looks', () => works.mock.calls.length > 5);
  expect(lines).toEqual([]);
  const { pid } = part.now;
  broken.add(pid);
  await until('another process', () => part.now.pid !== pid);
  expect(lines[0]).toBe('a part answers errors only (interrupted), ending it');
});

/** Temporal, as far as the watch asks: it knows no workflow, and after SIGUSR2 its store answers errors only. */
const TEMPORAL = `
  let store = { 'grpc-status': '5', 'grpc-message': 'workflow not found' };
  process.on('SIGUSR2', () => (store = { 'grpc-status': '14', 'grpc-message': 'operation failed. Error: interrupted (9)' }));
  const server = require('node:http2').createServer();
  server.on('stream', (stream, headers) => {
    const isHello = headers[':path'].endsWith('/GetSystemInfo');
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(isHello ? { 'grpc-status': '0' } : store));
    stream.end(isHello ? Buffer.alloc(5) : undefined);
  });
  server.listen(Number(process.argv[1]), '127.0.0.1', () => console.log('ready'));`;

test('a Temporal whose port is open and whose store answers only errors is ended and started again', async () => {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${String(port)}`;
  const part = await replaceable(() =>
    spawnService({
      name: 'Temporal',
      command: process.execPath,
      args: ['-e', TEMPORAL, String(port)],
      ready: /ready/,
    }),
  );
  const works = vi.fn(() => temporalWorks({ address, namespace: 'paysaga' }));
  const lines: string[] = [];
  const watch = keepRunning([{ name: 'Temporal', part, works }], (line) => lines.push(line), PACE);
  onTestFinished(async () => {
    await watch.stop();
    await part.kill('SIGKILL');
  });
  await until('looks', () => works.mock.settledResults.length > 3);
  expect(lines).toEqual([]);
  const { pid } = part.now;
  process.kill(pid, 'SIGUSR2');
  await until('another process', () => part.now.pid !== pid);
  expect(lines[0]).toMatch(/^Temporal answers errors only \(.*interrupted \(9\)\), ending it$/);
  await temporalWorks({ address, namespace: 'paysaga' });
});

test('once it is stopped nothing is started again', async () => {
  const { part, watch } = await kept();
  const restart = vi.spyOn(part, 'restart');
  await watch.stop();
  await part.kill('SIGKILL');
  expect(restart).not.toHaveBeenCalled();
});
