import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { DefaultLogger, Runtime, type LogEntry } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ReadinessView } from '../http/health.js';
import { describeError } from '../base/describe-error.js';
import { callOutcome } from '../channels/call-outcome.js';
import { freePorts } from '../embedded/machine.js';
import { createProcessRegistry, withTemporalMetrics } from '../metrics/registry.js';
import { createWorkerMetrics } from '../metrics/worker.js';
import type { Services } from './services.js';

type WorkerServerOptions = {
  readonly port: number;
  readonly host: string;
  readonly contentType: string;
  readonly renderMetrics: () => Promise<string>;
  readonly readiness: () => Promise<ReadinessView>;
};

/** `GET /healthz` (the process runs), `/readyz` (its workers poll and their services answer) and `/metrics`. Rejects when the address is taken. */
export async function serveWorker(options: WorkerServerOptions) {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') answer(response, 200, 'ok\n');
    else if (path === '/readyz') void answerReadiness(response, options);
    else if (path === '/metrics') void answerMetrics(response, options);
    else answer(response, 404, 'not found\n');
  });
  await once(server.listen(options.port, options.host), 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerReadiness(response: ServerResponse, { readiness }: WorkerServerOptions): Promise<void> {
  const view = await readiness();
  answer(response, view.status === 'ready' ? 200 : 503, `${JSON.stringify(view)}\n`, 'application/json');
}

async function answerMetrics(response: ServerResponse, options: WorkerServerOptions): Promise<void> {
  try {
    answer(response, 200, await options.renderMetrics(), options.contentType);
  } catch {
    answer(response, 500, 'metrics could not be collected\n');
  }
}

function answer(response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType });
  response.end(body);
}

export type WorkerTelemetry = Awaited<ReturnType<typeof installTelemetry>>;

/**
 * The worker's log and metrics, before anything else of Temporal's SDK is used. Temporal's core serves its metrics on a loopback
 * port; the worker's own `/metrics` repeats them.
 */
export async function installTelemetry({ now }: Services, log: Logger) {
  const [port = 0] = await freePorts(1);
  const bindAddress = `127.0.0.1:${port}`;
  // Prometheus' own conventions: base units, `_total` and the unit in the name.
  const conventions = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => relay(log, entry)),
    telemetryOptions: { metrics: { prometheus: { bindAddress, ...conventions } } },
  });
  const registry = createProcessRegistry();
  const observe = createWorkerMetrics(registry, { now, outcomeLabel: callOutcome });
  const renderMetrics = withTemporalMetrics(registry, `http://${bindAddress}/metrics`);
  return { observe, contentType: registry.contentType, renderMetrics };
}

/** Temporal's own lines in our log: ids, names and counts, no token of a task, and of an error only `describeError`. */
export function relay(log: Logger, { level, message, meta }: LogEntry): void {
  const { error, ...fields } = meta ?? {};
  const line = { ...fields, taskToken: undefined, ...(error === undefined ? {} : { error: describeError(error) }) };
  if (level === 'ERROR') log.error(line, message);
  else if (level === 'WARN') log.warn(line, message);
  else if (level === 'INFO' && isOurs(fields)) log.info(line, message);
  else log.debug(line, message);
}

/** Written by our activities or workflows, not by the SDK about itself. */
const isOurs = ({ sdkComponent }: Readonly<Record<string, unknown>>): boolean =>
  sdkComponent === 'activity' || sdkComponent === 'workflow';
