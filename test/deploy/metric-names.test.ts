import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { FIGURES } from '../../src/figures/api/gauges.js';
import { createIngressMetrics } from '../../src/metrics/ingress.js';
import { createProcessRegistry, withTemporalMetrics } from '../../src/metrics/registry.js';
import { createWorkerMetrics } from '../../src/metrics/worker.js';
import { alerts, dashboards, metricsIn } from './monitoring.js';

/** Every metric our processes have, seen or not: the help is there from the start. */
async function exported(): Promise<Map<string, string>> {
  const now = () => new Date();
  const ingress = createProcessRegistry();
  const never = () => Promise.reject(new Error('not in this test'));
  createIngressMetrics(
    { now, figures: FIGURES, readFigures: never, dependencies: never, notifies: () => ({}) },
    ingress,
  );
  const worker = new Registry();
  createWorkerMetrics(worker, { now, outcomeLabel: String });
  withTemporalMetrics(worker, 'http://127.0.0.1:1/metrics');
  const text = `${await ingress.metrics()}\n${await worker.metrics()}`;
  return new Map([...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type]));
}

/** The core's metrics appear when they first happen, so their names are looked up in the library itself. */
function coreNames(): string {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@temporalio/core-bridge/package.json')),
    'releases',
  );
  const triple = readdirSync(folder).find((name) => name.includes(process.platform)) ?? '';
  return readFileSync(join(folder, triple, 'index.node'), 'latin1');
}

const used = [
  ...alerts.map(({ alert, expr }) => ({ where: alert, exprs: [expr] })),
  ...dashboards.flatMap(({ panels, templating }) => [
    ...panels.map(({ title, targets }) => ({ where: title, exprs: targets.map(({ expr }) => expr) })),
    ...templating.list.map(({ name, definition }) => ({
      where: name,
      exprs: definition === undefined ? [] : [definition],
    })),
  ]),
].filter(({ exprs }) => exprs.length > 0);

test.each(used)('$where asks for metrics that exist', async ({ exprs }) => {
  const ours = await exported();
  const missing = exprs.flatMap(metricsIn).filter((name) => !name.startsWith('temporal_') && !isOf(ours, name));
  expect(missing).toEqual([]);
});

/** Histograms are asked for by the names of their parts, and by nothing else. */
function isOf(ours: ReadonlyMap<string, string>, name: string): boolean {
  const [whole = name] = name.split(/_(?:bucket|sum|count)$/);
  return whole === name ? ours.has(name) && ours.get(name) !== 'histogram' : ours.get(whole) === 'histogram';
}

test('what is asked of Temporal’s core is something that it counts', () => {
  const core = coreNames();
  const names = used.flatMap(({ exprs }) => exprs.flatMap(metricsIn)).filter((name) => name.startsWith('temporal_'));
  expect(names.length).toBeGreaterThan(20);
  const bare = names.map((name) => name.replace(/^temporal_/, '').replace(/(_seconds)?(_bucket|_sum|_count)?$/, ''));
  const missing = bare.filter((name) => !core.includes(name) && !core.includes(name.replace(/_total$/, '')));
  expect(missing).toEqual([]);
});

test('every metric of ours is shown on a dashboard', async () => {
  const shown = new Set(
    dashboards
      .flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))
      .flatMap(metricsIn),
  );
  const wholes = new Set([...shown].map((name) => name.replace(/_(bucket|sum|count)$/, '')));
  const ours = [...(await exported()).keys()].filter((name) => name.startsWith('paysaga_'));
  expect(ours.filter((name) => !wholes.has(name) && name !== 'paysaga_temporal_metrics_up')).toEqual([]);
});

test.each(dashboards)('$name: panels have ids of their own and do not cover each other', ({ panels, uid, name }) => {
  expect(name).toBe(`${uid}.json`);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}/${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});
