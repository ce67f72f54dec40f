import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** With Node's own metrics, so once a process. */
export function createProcessRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

export type Makers = ReturnType<typeof makersIn>;

export function makersIn(registry: Registry) {
  const registers = [registry];
  return {
    counter: <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
      new Counter({ name, help, labelNames, registers }),
    histogram: <Label extends string>(name: string, help: string, labelNames: readonly Label[], buckets: number[]) =>
      new Histogram({ name, help, labelNames, buckets, registers }),
  };
}

/** A failed measurement must not reach the work that is measured. */
export function quietly(measure: () => void): void {
  try {
    measure();
  } catch {
    // The measurement is lost.
  }
}

const TIMEOUT_MS = 2_000;

/** Adds the metrics that Temporal's core exports on an address of its own. */
export function withTemporalMetrics(registry: Registry, coreUrl: string): () => Promise<string> {
  const up = new Gauge({
    name: 'paysaga_temporal_metrics_up',
    help: "Whether the metrics of Temporal's core could be read.",
    registers: [registry],
  });
  return async () => {
    const core = await readCore(coreUrl);
    up.set(core === undefined ? 0 : 1);
    const own = await registry.metrics();
    return core === undefined ? own : `${own}\n${core}`;
  };
}

async function readCore(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}
