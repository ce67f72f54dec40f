import { expect, test } from 'vitest';
import { z } from 'zod';
import { bench } from '../support/bench.js';

const cpuMs = process.platform === 'linux' ? z.number().positive() : z.null();

const reportSchema = z.object({
  ...{ orderCpuMs: cpuMs, bareCpuMs: cpuMs, bareLocalCpuMs: cpuMs, plainCpuMs: cpuMs, dbosCpuMs: cpuMs },
  ...{ orderCpuRatio: cpuMs, plainCpuRatio: cpuMs, dbosCpuRatio: cpuMs },
  fastPathShare: z.number().min(0).max(1),
  eventsPerOrder: z.number(),
  transitionsPerOrder: z.number(),
  actionsPerOrder: z.number(),
  statementsPerOrder: z.number().positive(),
  transactionsPerOrder: z.number().positive(),
  ordersPerSecond: z.number().positive(),
  bareWorkflowsPerSecond: z.number().positive(),
  createP99Ms: z.number().positive(),
  notifyToPaidP50Ms: z.number().positive(),
  workerRssMb: cpuMs,
  ingressRssMb: cpuMs,
  floors: z.record(z.string(), z.number().nullable()),
  missed: z.array(z.string()),
  sizes: z.object({ orders: z.object({ orders: z.number(), rounds: z.number() }) }),
});

test('a few orders go through PaySaga and all it is held against, leave the same rows as the plain program, and are counted', async () => {
  const { code, stdout, stderr } = await bench('orders', '--orders', '5', '--rounds', '1', '--json');
  expect(stderr).not.toContain('bench:');
  const report = reportSchema.parse(JSON.parse(stdout));

  expect(report.sizes).toEqual({ orders: { orders: 5, rounds: 1 } });
  // An order on the fast path costs what test/workflows/counts.test.ts says; a busy machine takes some off it.
  expect(report.eventsPerOrder).toBeGreaterThanOrEqual(18);
  expect(report.transitionsPerOrder).toBeGreaterThanOrEqual(6);
  expect(report.actionsPerOrder).toBeGreaterThanOrEqual(7);
  const ofOrders = Object.keys(report.floors).filter((name) => name.startsWith('order.'));
  expect(ofOrders).toEqual(['order.worker', 'order.temporal', 'order.ingress', 'order.postgres', 'order.sandbox']);
  // How fast it was says nothing here.
  expect(code).toBe(report.missed.length === 0 ? 0 : 1);
});
