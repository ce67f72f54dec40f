import { log } from '@temporalio/activity';
import { findUnfinishedActions } from '../src/actions/store/unfinished.js';
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
import type { RefundRecord } from '../src/refunds/rules/record.js';
import { findLateRefunds, findRequestedRefunds, markRefundStalled } from '../src/refunds/store/sweep.js';
import { findUndeliveredEvents } from '../src/shop-events/store/delivery.js';
import { recordSweep } from '../src/sweep/store/sweeps.js';
import type { Observe } from './observe.js';

export type SweeperDeps = BringDeps & { readonly bulks: BulkWorkflows };

/** How many rows of each kind were started, told or signalled again. */
export type Swept = Readonly<
  Record<'orders' | 'stalled' | 'requests' | 'notifies' | 'refunds' | 'events' | 'bulks', number>
>;

export type SweeperActivities = ReturnType<typeof createSweeperActivities>;

/** Rows a pass takes at most of each kind; what is left waits for the next minute. */
const BATCH = 200;

/** Late orders at most: of most of them their last call tells enough. */
const LATE = 1_000;

const MINUTE = 60_000;

/** Milliseconds for each kind, all of them at once: one that hangs keeps neither the others nor the next pass. */
const SHARE_MS = 35_000;

const LANES = 4;

/** `false`: there was nothing to do after all. */
type Kind = () => Promise<readonly (() => Promise<unknown>)[]>;

export type SweepLog = (message: string, fields: Readonly<Record<string, unknown>>) => void;

export type Sweep = (warn: SweepLog) => Promise<Swept>;

export function createSweeperActivities(deps: Pick<SweeperDeps, 'db'>, sweep: Sweep) {
  return {
    async sweep(): Promise<Swept> {
      const swept = await sweep((message, fields) => void log.warn(message, fields));
      await recordSweep(deps.db, 'schedule');
      if (Object.values(swept).some((count) => count > 0)) log.info('swept', swept);
      return swept;
    },
  };
}

/** Finds what a crash, a kill or a lost update left without its workflow, and starts or signals it again. */
export function createSweep(deps: SweeperDeps, shareMs = SHARE_MS): Sweep {
  const kinds = kindsOf(deps);
  return async (warn) => {
    const share = (kind: keyof Swept): Promise<number> => pass(kind, kinds[kind], shareMs, warn);
    const [orders, stalled, requests, notifies, refunds, events, bulks] = await Promise.all([
      share('orders'),
      share('stalled'),
      share('requests'),
      share('notifies'),
      share('refunds'),
      share('events'),
      share('bulks'),
    ]);
    return { orders, stalled, requests, notifies, refunds, events, bulks };
  };
}

function kindsOf(deps: SweeperDeps): Readonly<Record<keyof Swept, Kind>> {
  const { db, orders, refunds, events, bulks, now } = deps;
  const before = (ms: number): Date => new Date(now().getTime() - ms);
  return {
    orders: async () => {
      const lost = [
        ...(await findCreating(db, before(MINUTE), BATCH)),
        ...(await findOverdue(db, before(5 * MINUTE), BATCH)),
        ...(await findUndone(db, before(5 * MINUTE), BATCH)),
      ];
      return lost.map((ref) => () => orders.resume(ref));
    },
    stalled: async () => {
      const due = { dueBefore: before(5 * MINUTE), now: now() };
      const late = await findLateOrders(db, due, LATE);
      return [
        ...late.filter((it) => it.isStalled || !it.isMoving).map((it) => () => lookAfterOrder(deps, it)),
        ...(await findLateRefunds(db, due, BATCH)).map((it) => () => lookAfterRefund(deps, it)),
      ];
    },
    requests: async () =>
      (await findUnfinishedActions(db, before(MINUTE), BATCH)).map((request) => () => bring(deps, request)),
    notifies: async () =>
      (await findUnsignalled(db, before(MINUTE), BATCH)).map((row) => () => deliverNotify(deps, row)),
    refunds: async () => (await findRequestedRefunds(db, before(MINUTE), BATCH)).map((ref) => () => refunds.start(ref)),
    events: async () =>
      (await findUndeliveredEvents(db, before(MINUTE), BATCH)).map(
        ({ id }) =>
          () =>
            events.start(id),
      ),
    bulks: async () => (await findUnfinishedBulks(db, before(MINUTE), BATCH)).map((id) => () => bulks.start(id)),
  };
}

/** A missing workflow is started; one that cannot go on shows, and waits for a person. */
async function lookAfterOrder({ db, orders, now }: SweeperDeps, order: LateOrder): Promise<boolean> {
  const progress = order.isMoving ? 'running' : await orders.progress({ ...order, now: now() });
  if (progress === 'missing') await orders.resume(order);
  if (order.isStalled !== (progress === 'failing')) {
    await markStalled(db, order, progress === 'failing' ? now() : null, now());
  }
  return progress !== 'running';
}

async function lookAfterRefund({ db, refunds, now }: SweeperDeps, refund: RefundRecord): Promise<boolean> {
  const progress = await refunds.progress({ ...refund, now: now() });
  if (progress === 'missing') await refunds.start(refund);
  if ((refund.stalledSince !== null) !== (progress === 'failing')) {
    await markRefundStalled(db, refund, progress === 'failing' ? now() : null, now());
  }
  return progress !== 'running';
}

/**
 * What of one kind could be done in its time. One row's failure keeps no other waiting; it is found again by the next pass. Answers
 * how many went well.
 */
async function pass(kind: string, find: Kind, shareMs: number, warn: SweepLog): Promise<number> {
  const endsAtMs = performance.now() + shareMs;
  let done = 0;
  const work = async (): Promise<void> => {
    const left = (await find()).values();
    const lane = async (): Promise<void> => {
      for (let next = left.next(); next.done !== true && performance.now() < endsAtMs; next = left.next()) {
        try {
          if ((await next.value()) !== false) done += 1;
        } catch (error) {
          warn('not swept', { kind, error });
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  };
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, shareMs);
  });
  try {
    await Promise.race([work(), time]);
  } catch (error) {
    warn('not swept', { kind, error });
  } finally {
    clearTimeout(timer);
  }
  return done;
}

export const observedSweep =
  (sweep: Sweep, observe: Observe | undefined): Sweep =>
  async (warn) => {
    const found = await sweep(warn);
    observe?.swept(found);
    return found;
  };
