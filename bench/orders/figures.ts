import { median, medianIfKnown } from '../measure.js';
import type { Figure } from '../part.js';
import type { Run, Runs } from './contender.js';
import type { Counts } from './counts.js';
import type { Statements } from './statements.js';

type Found = {
  readonly runs: Runs;
  readonly counts: Counts;
  readonly asked: Statements;
  readonly rss: Readonly<Record<'workerRssMb' | 'ingressRssMb', number | null>>;
  readonly count: number;
};

type Figures = { readonly figures: readonly Figure[]; readonly floors: Readonly<Record<string, number | null>> };

export function figuresOf({ runs, counts, asked, rss, count }: Found): Figures {
  const runsOf = (name: string): readonly Run[] => runs.get(name) ?? [];
  const cpuOf = (name: string) => medianIfKnown(runsOf(name).map(({ allCpuMs }) => allCpuMs));
  const rateOf = (name: string) => median(runsOf(name).map(({ perSecond }) => perSecond));
  const ours = cpuOf('order');
  const ratioTo = (name: string): number | null => {
    const floor = cpuOf(name);
    return floor === null || ours === null ? null : floor / ours;
  };
  const of = (key: string, value: number | null, unit: Figure['unit'], what: string, budget?: Figure['budget']) => ({
    ...{ key, value, unit, what },
    ...(budget === undefined ? {} : { budget }),
  });
  const { createMs, paidMs } = timesOf(runsOf('order'));
  return {
    figures: [
      of('orderCpuMs', ours, 'ms', 'CPU of all processes an order'),
      of('bareCpuMs', cpuOf('bare'), 'ms', 'CPU of worker and Temporal a bare workflow of two activities'),
      of('bareLocalCpuMs', cpuOf('bareLocal'), 'ms', 'the same with local activities'),
      of('plainCpuMs', cpuOf('plain'), 'ms', 'the same calls and rows by plain code around a bare workflow'),
      of('dbosCpuMs', cpuOf('dbos'), 'ms', 'a minimal DBOS program for the same job'),
      of('orderCpuRatio', ratioTo('bare'), 'ratio', 'bare workflow ÷ order', { atLeast: 0.7 }),
      of('plainCpuRatio', ratioTo('plain'), 'ratio', 'plain code ÷ order', { atLeast: 0.85 }),
      of('dbosCpuRatio', ratioTo('dbos'), 'ratio', 'DBOS program ÷ order', { atLeast: 0.5 }),
      of('fastPathShare', counts.fastPathShare, 'ratio', 'orders without a regular activity', { atLeast: 0.99 }),
      of('eventsPerOrder', counts.eventsPerOrder, 'count', 'of its history, mean'),
      of('transitionsPerOrder', counts.transitionsPerOrder, 'count', 'of its state at Temporal, mean'),
      of('actionsPerOrder', counts.actionsPerOrder, 'count', 'as Temporal bills them, mean'),
      of('statementsPerOrder', asked.statements / count, 'count', 'that Postgres was asked', { atMost: 22 }),
      of('transactionsPerOrder', asked.transactions / count, 'count', 'of them all', { atMost: 8 }),
      of('ordersPerSecond', rateOf('order'), '/s', 'happy orders'),
      of('bareWorkflowsPerSecond', rateOf('bare'), '/s', 'bare workflows'),
      of('createP99Ms', percentile(createMs, 0.99), 'ms', 'from POST /v1/orders to the code'),
      of('notifyToPaidP50Ms', percentile(paidMs, 0.5), 'ms', "from the payer's payment to order.paid at the shop"),
      of('workerRssMb', rss.workerRssMb, 'MB', 'the worker, at the end'),
      of('ingressRssMb', rss.ingressRssMb, 'MB', 'the ingress, at the end'),
    ],
    floors: Object.fromEntries([...runs].flatMap(([name, its]) => byProcess(name, its))),
  };
}

/** `order.worker` and so on, CPU milliseconds an order. */
function byProcess(name: string, runs: readonly Run[]): [string, number | null][] {
  const [first] = runs;
  return Object.keys(first?.cpuMs ?? {}).map((process) => [
    `${name}.${process}`,
    medianIfKnown(runs.map(({ cpuMs }) => cpuMs[process] ?? null)),
  ]);
}

const timesOf = (runs: readonly Run[]) => ({
  createMs: runs.flatMap(({ createMs }) => createMs),
  paidMs: runs.flatMap(({ paidMs }) => paidMs),
});

function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
