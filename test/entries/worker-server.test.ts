import { expect, onTestFinished, test } from 'vitest';
import { serveWorker } from '../../src/entries/worker-server.js';
import { readinessOf } from '../../src/http/health.js';

async function served(
  renderMetrics: () => Promise<string> = () => Promise.resolve('paysaga_x 1\n'),
  dependencies: Record<string, boolean> = {},
) {
  const readiness = () => Promise.resolve(readinessOf(dependencies, false, Object.keys(dependencies)));
  const options = { port: 0, host: '127.0.0.1', contentType: 'text/plain; version=0.0.4', renderMetrics, readiness };
  const server = await serveWorker(options);
  onTestFinished(() => server.close());
  return { options, server, get: (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`) };
}

test('it says that the worker runs, and what it counts', async () => {
  const { get } = await served();

  expect(await (await get('/healthz')).text()).toBe('ok\n');
  const metrics = await get('/metrics?now');
  expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4');
  expect(await metrics.text()).toBe('paysaga_x 1\n');
  expect((await get('/metric')).status).toBe(404);
});

test('it is ready once everything it needs is there, and says what is not', async () => {
  const dependencies = { database: true, temporal: false };
  const { get } = await served(undefined, dependencies);

  const waiting = await get('/readyz');
  expect([waiting.status, await waiting.json()]).toEqual([
    503,
    { status: 'unavailable', dependencies: { database: 'ok', temporal: 'unreachable' } },
  ]);
  dependencies.temporal = true;
  expect((await get('/readyz')).status).toBe(200);
});

test('metrics that cannot be collected leave the health as it is', async () => {
  const { get } = await served(() => Promise.reject(new Error('a secret')));

  const answer = await get('/metrics');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
  expect((await get('/healthz')).status).toBe(200);
});

test('a port that is taken is refused', async () => {
  const { options, server } = await served();

  await expect(serveWorker({ ...options, port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
