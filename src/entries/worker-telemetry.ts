import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import { freePorts } from '../embedded/machine.js';
import { callOutcome } from '../channels/call-outcome.js';
import { paidFacts } from '../figures/store/metrics.js';
import { createProcessRegistry, withTemporalMetrics } from '../metrics/registry.js';
import { createWorkerMetrics, type WorkerMetrics } from '../metrics/worker.js';
import type { Services } from './services.js';
import { relay } from './temporal-log.js';

export type WorkerTelemetry = {
  readonly observe: WorkerMetrics;
  readonly contentType: string;
  readonly renderMetrics: () => Promise<string>;
};

/**
 * The worker's log and metrics. Temporal's core serves its metrics itself, on a loopback port that nobody else needs to know:
 * the worker's own `/metrics` has them too. Before anything else of Temporal's SDK is used in the process.
 */
export async function installTelemetry({ connection, now }: Services, log: Logger): Promise<WorkerTelemetry> {
  const [port = 0] = await freePorts(1);
  const bindAddress = `127.0.0.1:${port}`;
  // Prometheus' own conventions: base units, `_total` and the unit in the name.
  const conventions = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => relay(log, entry)),
    telemetryOptions: { metrics: { prometheus: { bindAddress, ...conventions } } },
  });
  const registry = createProcessRegistry();
  const observe = createWorkerMetrics(registry, {
    now,
    paidFacts: (ref) => paidFacts(connection.db, ref),
    outcomeLabel: callOutcome,
  });
  const renderMetrics = withTemporalMetrics(registry, `http://${bindAddress}/metrics`);
  return { observe, contentType: registry.contentType, renderMetrics };
}
