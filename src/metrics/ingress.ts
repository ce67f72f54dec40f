import { Counter, Gauge, Registry } from 'prom-client';
import { addFigures, createSnapshot, gauge, type FiguresSource } from './figures.js';
import { makersIn, quietly, type Makers } from './registry.js';

export type IngressMetricsSource<Found> = FiguresSource<Found> & {
  /** Since the process started, by outcome. */
  readonly notifies: () => Readonly<Record<string, number>>;
  /** By name; true = reachable. */
  readonly dependencies: () => Promise<Readonly<Record<string, boolean>>>;
};

export type AnsweredRequest = {
  readonly method: string;
  /** The pattern, never the path. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly code: string | undefined;
};

export type IngressMetrics = ReturnType<typeof createIngressMetrics>;

const DEPENDENCIES_KEEP_MS = 10_000;
const DEPENDENCIES_TIMEOUT_MS = 4_000;

/** Counting never throws; figures and dependencies are read when they are scraped. */
export function createIngressMetrics<Found>(source: IngressMetricsSource<Found>, registry = new Registry()) {
  const makers = makersIn(registry);
  const http = httpMetrics(makers);
  const signalled = makers.histogram(
    'paysaga_notify_signalled_seconds',
    'From the arrival of a notify until its order or refund was told.',
    ['kind'],
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10],
  );
  const streams = new Gauge({
    name: 'paysaga_streams_open',
    help: 'Server-sent event streams that are open, the shops’ and the checkout pages’.',
    registers: [registry],
  });
  addNotifies(registry, source.notifies);
  addDependencies(registry, source);
  addFigures(registry, source);
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    answered: (request: AnsweredRequest): void => quietly(() => countRequest(http, request)),
    /** `durationMs`: from a verified notify's arrival. */
    notifySignalled: (kind: 'payment' | 'refund', durationMs: number): void =>
      quietly(() => signalled.observe({ kind }, durationMs / 1_000)),
    streamOpened: (): void => quietly(() => streams.inc()),
    streamClosed: (): void => quietly(() => streams.dec()),
  };
}

type HttpMetrics = ReturnType<typeof httpMetrics>;

function httpMetrics({ counter, histogram }: Makers) {
  return {
    requests: counter('paysaga_http_requests_total', 'Requests answered, by route and status.', [
      'method',
      'route',
      'status',
    ]),
    seconds: histogram(
      'paysaga_http_request_seconds',
      'How long requests took until their answer began: a stream’s begins at once.',
      ['method', 'route'],
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ),
    errors: counter(
      'paysaga_http_errors_total',
      'Requests answered with an error, by its code; `rate_limited` among them.',
      ['code'],
    ),
  };
}

function countRequest(http: HttpMetrics, { route, status, durationMs, code, ...request }: AnsweredRequest): void {
  const method = METHODS.has(request.method) ? request.method : 'other';
  http.requests.inc({ method, route, status });
  http.seconds.observe({ method, route }, durationMs / 1_000);
  if (code !== undefined) http.errors.inc({ code });
}

/** Callers choose the method, and must not choose how many series there are. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function addNotifies(registry: Registry, read: IngressMetricsSource<unknown>['notifies']): void {
  const counter: Counter<'outcome'> = new Counter({
    name: 'paysaga_notifies_total',
    help: 'Notifies by what became of them: accepted, repeated, unmatched, unsupported, unreadable, unanswered, or why they were not believed.',
    labelNames: ['outcome'] as const,
    registers: [registry],
    collect() {
      counter.reset();
      // An alert on the first one needs a series that rises from 0.
      for (const outcome of ['unreadable', 'undecryptable']) counter.inc({ outcome }, 0);
      for (const [outcome, total] of Object.entries(read())) counter.inc({ outcome }, total);
    },
  });
}

function addDependencies<Found>(registry: Registry, { dependencies, now }: IngressMetricsSource<Found>): void {
  const times = { now, keepMs: DEPENDENCIES_KEEP_MS, timeoutMs: DEPENDENCIES_TIMEOUT_MS };
  const snapshot = createSnapshot(dependencies, times);
  const help = 'Whether what the ingress depends on answers.';
  gauge(registry, { name: 'paysaga_dependency_up', help, labelNames: ['dependency'] }, async () =>
    Object.entries((await snapshot()) ?? {}).map(([dependency, isUp]) => ({
      labels: { dependency },
      value: isUp ? 1 : 0,
    })),
  );
}
