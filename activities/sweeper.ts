import { log } from '@temporalio/activity';
import { findUnfinishedActions } from '../src/actions/store/unfinished.js';
import { MINUTE } from '../src/base/time.js';
import { within } from '../src/base/within.js';
import type { Merchants } from '../src/channels/merchant.js';
import type { BulkWorkflows } from '../src/bulk/client.js';
import { findUnfinishedBulks } from '../src/bulk/store/bulk.js';
import { findUnsignalled } from '../src/inbox/store/receive.js';
import { deliverNotify } from '../src/inbox/use-cases/deliver.js';
import {
  findCreating,
  findLateOrders,
  findOverdue,
  findUndone,
  markStalled,
  type LateOrder,
} from '../src/orders/store/sweep.js';
import { bring, type BringDeps } from '../src/decisions/use-cases/performers.js';
import type { ReconciliationWorkflows } from '../src/reconciliation/client.js';
import { reconcilableSpan } from '../src/reconciliation/rules/day.js';
import {
  findDaysNotBegun,
  findUnfinishedDays,
  markDayStalled,
  openDay,
  type UnfinishedDay,
} from '../src/reconciliation/store/day.js';
import type { RefundRecord } from '../src/refunds/rules/record.js';
import { findLateRefunds, findRequestedRefunds, markRefundStalled } from '../src/refunds/store/sweep.js';
import { findUndeliveredEvents } from '../src/shop-events/store/delivery.js';
import { recordSweep } from '../src/sweep/store/sweeps.js';
import type { WorkflowProgress } from '../src/temporal/workflow.js';
import type { Observe } from './observe.js';

export type SweeperDeps = BringDeps & {
  readonly bulks: BulkWorkflows;
  readonly reconciliations: Pick<ReconciliationWorkflows, 'start' | 'progress'>;
  readonly merchants: Pick<Merchants, 'all'>;
  readonly observe?: Observe;
};

const NONE = { orders: 0, stalled: 0, requests: 0, notifies: 0, refunds: 0, events: 0, bulks: 0, days: 0 };

/** How many rows of each kind were started, told or signalled again. */
export type Swept = Readonly<typeof NONE>;

export type SweeperActivities = ReturnType<typeof createSweeperActivities>;

export function createSweeperActivities(deps: SweeperDeps) {
  const sweep = createSweep(deps);
  return {
    async sweep(): Promise<Swept> {
      const swept = await sweep((message, fields) => void log.warn(message, fields));
      await recordSweep(deps.db, 'schedule');
      if (Object.values(swept).some((count) => count > 0)) log.info('swept', swept);
      return swept;
    },
  };
}

/** Milliseconds for each kind, all of them at once: one that hangs keeps neither the others nor the next pass. */
const SHARE_MS = 35_000;

export type Sweep = (warn: Warn) => Promise<Swept>;

type Warn = (message: string, fields: Readonly<Record<string, unknown>>) => void;

/** Finds what a crash, a kill or a lost update left without its workflow, and starts or signals it again. */
export function createSweep(deps: SweeperDeps, shareMs = SHARE_MS): Sweep {
  const kinds = Object.entries(kindsOf(deps));
  return async (warn) => {
    let swept: Swept = NONE;
    const passes = kinds.map(async ([kind, find]) => {
      const done = await pass(kind, find, shareMs, warn);
      swept = { ...swept, [kind]: done };
    });
    await Promise.all(passes);
    deps.observe?.swept(swept);
    return swept;
  };
}

/** What there is to do, row by row; a row that answers `false` needed nothing after all. */
type Find = () => Promise<readonly (() => Promise<unknown>)[]>;

/** Rows a pass takes at most of each kind; what is left waits for the next minute. */
const BATCH = 200;

/** Late orders at most: of most of them their last call tells enough. */
const LATE = 1_000;

function kindsOf(deps: SweeperDeps): Readonly<Record<keyof Swept, Find>> {
  const { db, orders, refunds, events, bulks, reconciliations, now } = deps;
  const before = (minutes: number): Date => new Date(now().getTime() - minutes * MINUTE);
  return {
    orders: async () => {
      const lost = [
        ...(await findCreating(db, before(1), BATCH)),
        ...(await findOverdue(db, before(5), BATCH)),
        ...(await findUndone(db, before(5), BATCH)),
      ];
      return each(lost, (order) => orders.resume(order));
    },
    stalled: async () => {
      const due = { dueBefore: before(5), now: now() };
      const late = (await findLateOrders(db, due, LATE)).filter((it) => it.isStalled || !it.isMoving);
      const lateRefunds = await findLateRefunds(db, due, BATCH);
      return [
        ...each(late, (order) => lookAfterOrder(deps, order)),
        ...each(lateRefunds, (refund) => lookAfterRefund(deps, refund)),
      ];
    },
    requests: async () => each(await findUnfinishedActions(db, before(1), BATCH), (asked) => bring(deps, asked)),
    notifies: async () => each(await findUnsignalled(db, before(1), BATCH), (row) => deliverNotify(deps, row)),
    refunds: async () => each(await findRequestedRefunds(db, before(1), BATCH), (refund) => refunds.start(refund)),
    events: async () => each(await findUndeliveredEvents(db, before(1), BATCH), ({ id }) => events.start(id)),
    bulks: async () => each(await findUnfinishedBulks(db, before(1), BATCH), (id) => bulks.start(id)),
    days: async () => {
      const mchids = deps.merchants.all().map(({ mchid }) => mchid);
      const begun = await findUnfinishedDays(db, before(1), BATCH);
      const others = await findDaysNotBegun(db, mchids, reconcilableSpan(now()), BATCH);
      return [
        ...each(begun, (day) => lookAfterDay(deps, day)),
        ...each(others, async (day) => {
          await openDay(db, { ...day, askedBy: null, now: now() });
          await reconciliations.start(day);
        }),
      ];
    },
  };
}

const each = <Row>(rows: readonly Row[], act: (row: Row) => Promise<unknown>) => rows.map((row) => () => act(row));

async function lookAfterOrder({ db, orders, now }: SweeperDeps, order: LateOrder): Promise<boolean> {
  return lookAfter(order.isStalled, {
    progress: order.isMoving ? 'running' : await orders.progress({ ...order, now: now() }),
    start: () => orders.resume(order),
    show: (isStalled) => markStalled(db, order, isStalled, now()),
  });
}

async function lookAfterRefund({ db, refunds, now }: SweeperDeps, refund: RefundRecord): Promise<boolean> {
  return lookAfter(refund.stalledSince !== null, {
    progress: await refunds.progress({ ...refund, now: now() }),
    start: () => refunds.start(refund),
    show: (isStalled) => markRefundStalled(db, refund, isStalled, now()),
  });
}

async function lookAfterDay({ db, reconciliations, now }: SweeperDeps, day: UnfinishedDay): Promise<boolean> {
  return lookAfter(day.isStalled, {
    progress: await reconciliations.progress({ ...day, now: now() }),
    start: () => reconciliations.start(day),
    show: (isStalled) => markDayStalled(db, day, isStalled, now()),
  });
}

type Workflow = {
  readonly progress: WorkflowProgress;
  readonly start: () => Promise<void>;
  readonly show: (isStalled: boolean) => Promise<void>;
};

/** A missing workflow is started; one that cannot go on shows, and waits for a person. */
async function lookAfter(isStalled: boolean, { progress, start, show }: Workflow): Promise<boolean> {
  if (progress === 'missing') await start();
  const isFailing = progress === 'failing';
  if (isStalled !== isFailing) await show(isFailing);
  return progress !== 'running';
}

const LANES = 4;

/** How many rows of one kind went well in its time. A row's failure keeps no other waiting; the next pass finds it again. */
async function pass(kind: string, find: Find, shareMs: number, warn: Warn): Promise<number> {
  const endsAtMs = performance.now() + shareMs;
  let done = 0;
  const work = async (): Promise<void> => {
    const left = (await find()).values();
    const lane = async (): Promise<void> => {
      for (const act of left) {
        if (performance.now() >= endsAtMs) return;
        try {
          if ((await act()) !== false) done += 1;
        } catch (error) {
          warn('not swept', { kind, error });
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  };
  try {
    await within(shareMs, work(), undefined);
  } catch (error) {
    warn('not swept', { kind, error });
  }
  return done;
}
