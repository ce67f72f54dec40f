import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { orderBody, useTestApp } from './support/test-app.js';

const app = useTestApp();

/** One process: what it counts is kept from request to request. */
function openApp() {
  const http = createApp(app.deps({ registry: new Registry() }), served);
  const metrics = async () => (await http.request('/metrics')).text();
  const place = (orderNo: string, key: string) =>
    http.request('/v1/orders', {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(orderBody(orderNo)),
    });
  return { http, metrics, place };
}

test('metrics need no key and are Prometheus’ text', async () => {
  const answer = await createApp(app.deps(), served).request('/metrics');

  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await answer.text()).toContain('paysaga_figures_up 1\n');
});

test('requests are counted by route, never by path, and what waits is there', async () => {
  const { http, metrics, place } = openApp();
  const orderNo = app.newOrderNo();
  expect((await place(orderNo, app.merchantKey)).status).toBe(201);
  expect((await place(orderNo, 'wrong')).status).toBe(401);
  await http.request(`/nowhere/${orderNo}`);
  await http.request('/ops/login');

  const text = await metrics();
  expect(text).toContain('paysaga_http_requests_total{method="POST",route="/v1/orders",status="201"} 1\n');
  expect(text).toContain('paysaga_http_requests_total{method="POST",route="/v1/orders",status="401"} 1\n');
  expect(text).toContain('paysaga_http_requests_total{method="GET",route="/ops/login",status="200"} 1\n');
  expect(text).toContain('paysaga_http_errors_total{code="unauthorized"} 1\n');
  expect(text).toMatch(/^paysaga_http_requests_total\{method="GET",route="\/?\*",status="404"\} 1$/m);
  expect(text).toMatch(/^paysaga_orders_waiting\{mchid="\d+",state="\w+"\} [1-9]/m);
  expect(text).not.toContain(orderNo);
});

test('a request that is turned away by the rate limit is counted', async () => {
  const http = createApp(app.deps({ rateLimit: { burst: 1, intervalMs: 1_000 } }), served);
  const list = () => http.request('/v1/orders', { headers: { Authorization: `Bearer ${app.merchantKey}` } });
  await list();
  await list();

  expect(await (await http.request('/metrics')).text()).toContain('paysaga_http_errors_total{code="rate_limited"} 1\n');
});

test('a dependency that is away is told, and the scrape succeeds', async () => {
  app.ready = () => Promise.resolve({ temporal: false });

  const answer = await createApp(app.deps(), served).request('/metrics');
  expect(await answer.text()).toContain('paysaga_dependency_up{dependency="temporal"} 0\n');
});
