import { expect, test } from 'vitest';
import { createIngressMetrics, type IngressMetricsSource } from '../../src/metrics/ingress.js';

const never = (): Promise<never> => Promise.reject(new Error('away'));

const metricsOf = (source: Partial<IngressMetricsSource<unknown>> = {}) =>
  createIngressMetrics({
    now: () => new Date(0),
    figures: [],
    readFigures: never,
    notifies: () => ({}),
    dependencies: never,
    ...source,
  });

const REQUEST = { method: 'GET', route: '/v1/orders/:orderNo', status: 404, durationMs: 30, code: 'order_not_found' };

test('a request is counted by its route, its status and its code', async () => {
  const metrics = metricsOf();
  metrics.answered(REQUEST);
  metrics.answered({ ...REQUEST, status: 200, code: undefined });

  const text = await metrics.render();
  expect(text).toContain('paysaga_http_requests_total{method="GET",route="/v1/orders/:orderNo",status="404"} 1\n');
  expect(text).toContain('paysaga_http_requests_total{method="GET",route="/v1/orders/:orderNo",status="200"} 1\n');
  expect(text).toContain('paysaga_http_request_seconds_count{method="GET",route="/v1/orders/:orderNo"} 2\n');
  expect(text).toContain('paysaga_http_request_seconds_bucket{le="0.05",method="GET",route="/v1/orders/:orderNo"} 2\n');
  expect(text).toContain('paysaga_http_errors_total{code="order_not_found"} 1\n');
});

test('whoever asks cannot make series by inventing methods', async () => {
  const metrics = metricsOf();
  for (const method of ['PROPFIND', 'MKCOL', 'REPORT']) metrics.answered({ ...REQUEST, method });

  const text = await metrics.render();
  expect(text).toContain('{method="other",route="/v1/orders/:orderNo",status="404"} 3\n');
  expect(text).not.toContain('PROPFIND');
});

test('a measurement that makes no sense is dropped, not thrown', async () => {
  const metrics = metricsOf();
  metrics.notifySignalled('payment', NaN);
  metrics.answered({ ...REQUEST, durationMs: NaN });

  expect(await metrics.render()).not.toContain('paysaga_notify_signalled_seconds_count');
});

test('notifies are counted where they were counted before', async () => {
  let accepted = 3;
  const metrics = metricsOf({ notifies: () => ({ accepted, bad_signature: 1 }) });
  expect(await metrics.render()).toContain('paysaga_notifies_total{outcome="accepted"} 3\n');
  expect(await metrics.render()).toContain('paysaga_notifies_total{outcome="unreadable"} 0\n');

  accepted = 5;

  const text = await metrics.render();
  expect(text).toContain('paysaga_notifies_total{outcome="accepted"} 5\n');
  expect(text).toContain('paysaga_notifies_total{outcome="bad_signature"} 1\n');
});

test('what a process depends on is 1 or 0', async () => {
  const metrics = metricsOf({ dependencies: () => Promise.resolve({ database: true, temporal: false }) });

  const text = await metrics.render();
  expect(text).toContain('paysaga_dependency_up{dependency="database"} 1\n');
  expect(text).toContain('paysaga_dependency_up{dependency="temporal"} 0\n');
});

test('two sets of metrics in one process share nothing', async () => {
  const metrics = metricsOf();
  metricsOf().answered(REQUEST);

  expect(await metrics.render()).not.toContain('paysaga_http_requests_total{');
});
