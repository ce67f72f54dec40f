import { Gauge, type Registry } from 'prom-client';
import { within } from '../base/within.js';

type Series = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

export type Figure<Found> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly seriesOf: (found: Found, now: Date) => Series[];
};

export type FiguresSource<Found> = {
  readonly now: () => Date;
  readonly figures: readonly Figure<Found>[];
  /** Each statement ends after `timeoutMs`. */
  readonly readFigures: (timeoutMs: number) => Promise<Found>;
};

const KEEP_MS = 10_000;
const TIMEOUT_MS = 3_000;

/** Without Postgres there are no figures, and `paysaga_figures_up` is 0: an old figure would look like a good one. */
export function addFigures<Found>(registry: Registry, { now, figures, readFigures }: FiguresSource<Found>): void {
  const snapshot = createSnapshot(() => readFigures(TIMEOUT_MS), { now, keepMs: KEEP_MS, timeoutMs: TIMEOUT_MS });
  const help = 'Whether the figures of what waits could be read from Postgres.';
  gauge(registry, { name: 'paysaga_figures_up', help, labelNames: [] }, async () => [
    { labels: {}, value: (await snapshot()) === undefined ? 0 : 1 },
  ]);
  for (const { seriesOf, ...named } of figures) {
    gauge(registry, named, async () => {
      const found = await snapshot();
      return found === undefined ? [] : seriesOf(found, now());
    });
  }
}

type Named = Pick<Figure<unknown>, 'name' | 'help' | 'labelNames'>;

/** A gauge whose series are read when it is scraped. */
export function gauge(registry: Registry, named: Named, read: () => Promise<readonly Series[]>): void {
  const collected: Gauge = new Gauge({
    ...named,
    registers: [registry],
    async collect() {
      const series = await read();
      collected.reset();
      // A reset removes labelled series, and sets a gauge without labels to 0.
      for (const { labels, value } of series) collected.set(labels, value);
    },
  });
}

type SnapshotOptions = {
  readonly now: () => Date;
  /** One reading serves so long, good or bad, however many scrape. */
  readonly keepMs: number;
  readonly timeoutMs: number;
};

/** The last reading, shared by its readers; `undefined` where it failed or was late. */
export function createSnapshot<T>(
  read: () => Promise<T>,
  { now, keepMs, timeoutMs }: SnapshotOptions,
): () => Promise<T | undefined> {
  let kept: { readonly untilMs: number; readonly value: Promise<T | undefined> } | undefined;
  return () => {
    const nowMs = now().getTime();
    if (kept === undefined || nowMs >= kept.untilMs) {
      const value = read().catch(() => undefined);
      kept = { untilMs: nowMs + keepMs, value: within(timeoutMs, value, undefined) };
    }
    return kept.value;
  };
}
