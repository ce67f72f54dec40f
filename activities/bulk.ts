import { setTimeout as sleep } from 'node:timers/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { recordedOutcome } from '../src/actions/store/unfinished.js';
import { parseOrderNo } from '../src/base/ids.js';
import { isBulkRefusal, type BulkOutcome, type BulkProgress } from '../src/bulk/rules/bulk.js';
import {
  finishBulk,
  finishBulkOrder,
  loadBulk,
  openBulkOrders,
  type BulkItem,
  type BulkRecord,
} from '../src/bulk/store/bulk.js';
import { createTokenBucket } from '../src/channels/flow/limits.js';
import { isUnavailable } from '../src/db/failure.js';
import { DomainError } from '../src/orders/rules/domain-error.js';
import { loadOrder, type OrderRef } from '../src/orders/store/order.js';
import { refuseMove } from '../src/orders/use-cases/deadline.js';
import { requireOrder, type OrderDeps } from '../src/orders/use-cases/order.js';
import { ORDER_PERFORMERS } from '../src/orders/use-cases/performers.js';
import { TemporalUnavailable } from '../src/temporal/call.js';

export type BulkDeps = Omit<OrderDeps, 'log'>;

export type BulkActivities = ReturnType<typeof createBulkActivities>;

/** Orders at once of one bulk: each may be waited for, and holds a connection to Postgres for moments of that. */
const AT_ONCE = 10;

/** Orders that a slice takes at most, and for how long: what it shows is never much older. */
const SLICE = 200;
const SLICE_MS = 20_000;

const HEARTBEAT_MS = 1_000;

/** The work of bulks. A slice may run twice, also at the same time: what was asked of an order is joined, not asked again. */
export function createBulkActivities(deps: BulkDeps) {
  const { db, now } = deps;
  const turn = createTurns({ nowMs: () => performance.now(), sleep });
  return {
    async runBulkSlice({ bulkId }: { readonly bulkId: string }): Promise<BulkProgress> {
      const bulk = await requireBulk(deps, bulkId);
      const tally = { done: bulk.done, failed: bulk.failed };
      const beat = (): void => heartbeat({ total: bulk.total, ...tally });
      const heart = setInterval(beat, HEARTBEAT_MS);
      try {
        await workOff(await openBulkOrders(db, bulkId, SLICE), async (item) => {
          await turn();
          const outcome = await actOnOrder(deps, bulk, item.orderNo);
          if (outcome === 'interrupted') return;
          await finishBulkOrder(db, item, outcome, now());
          tally[outcome === 'done' ? 'done' : 'failed'] += 1;
        });
      } finally {
        clearInterval(heart);
      }
      await finishBulk(db, bulkId, now());
      const { total, done, failed } = await requireBulk(deps, bulkId);
      return { total, done, failed, open: total - done - failed };
    },
  };
}

async function requireBulk({ db }: BulkDeps, bulkId: string): Promise<BulkRecord> {
  const bulk = await loadBulk(db, bulkId);
  if (bulk === undefined) throw new Error('A bulk is recorded before it is worked off');
  return bulk;
}

/**
 * Some at a time, until there is none, time is up or the worker is asked to stop. An order that cannot be done now stays open and
 * does not keep the others from it; where Postgres or Temporal is away, none could. Fails, to be repeated, when any order did.
 */
async function workOff(items: readonly BulkItem[], act: (item: BulkItem) => Promise<void>): Promise<void> {
  const signal = cancellationSignal();
  const endsAtMs = performance.now() + SLICE_MS;
  const failures: unknown[] = [];
  const isOver = (): boolean => signal.aborted || performance.now() > endsAtMs || failures.some(isOutage);
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) {
      if (isOver()) return;
      await act(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

const isOutage = (error: unknown): boolean => error instanceof TemporalUnavailable || isUnavailable(error);

/**
 * Does to one order what a bulk says. What this bulk has recorded of it before, in a slice that was interrupted, counts: it is
 * done once. `interrupted`: the worker stops, and the outcome is not known yet. Throws what says that it could not be asked.
 */
export async function actOnOrder(
  deps: BulkDeps,
  bulk: BulkRecord,
  number: string,
): Promise<BulkOutcome | 'interrupted'> {
  const orderNo = parseOrderNo(number);
  if (!orderNo.ok) return 'order_not_found';
  const ref = { mchid: bulk.mchid, orderNo: orderNo.value };
  const recorded = await recordedOutcome(deps.db, { bulkId: bulk.id, ...ref });
  switch (recorded) {
    case 'asked':
    case 'rescued':
    case 'extended':
    // A later decision took its place, after it had been asked.
    case 'superseded':
      return 'done';
    case 'not_open':
      return outcomeOf(async () => refuseMove(await requireOrder(deps, ref)));
    default:
      return ask(deps, bulk, ref, recorded !== undefined);
  }
}

async function ask(
  deps: BulkDeps,
  { id: bulkId, action, actor, reason, until }: BulkRecord,
  ref: OrderRef,
  isRepeat: boolean,
): Promise<BulkOutcome | 'interrupted'> {
  const perform = ORDER_PERFORMERS[action];
  const outcome = await patiently((isAsked) =>
    outcomeOf(() => perform(deps, ref, { actor, reason, bulkId, isRepeat: isRepeat || isAsked }, { until })),
  );
  if (outcome === 'outcome_pending' && cancellationSignal().aborted) return 'interrupted';
  // A release that was asked for before the slice was interrupted has ended the order.
  const isEnded = isRepeat && action === 'release' && outcome === 'order_closed';
  return isEnded && (await loadOrder(deps.db, ref))?.closedReason === 'expired' ? 'done' : outcome;
}

/** Of 8 s each: an order whose worker was killed answers again once its workflow task is over, after 30 s. */
const ASKS = 5;

/** Asks again, and so joins what it asked, while the outcome stays open. */
async function patiently(run: (isAsked: boolean) => Promise<BulkOutcome>): Promise<BulkOutcome> {
  const signal = cancellationSignal();
  let outcome = await run(false);
  for (let asks = 1; outcome === 'outcome_pending' && asks < ASKS && !signal.aborted; asks += 1) {
    outcome = await run(true);
  }
  return outcome;
}

/** What a use case refuses is the order's outcome, by the same code as the API's answer. */
async function outcomeOf(act: () => Promise<unknown>): Promise<BulkOutcome> {
  try {
    await act();
    return 'done';
  } catch (error) {
    if (error instanceof DomainError && isBulkRefusal(error.code)) return error.code;
    throw error;
  }
}

/**
 * Orders a second that the bulks of one worker begin, all together. A worker on two cores opens about 45 orders a second: this
 * leaves the shops more than half of it, and of WeChat Pay's limit for queries (300) almost all.
 */
const ORDERS_PER_SECOND = 20;

export function createTurns(clock: { nowMs: () => number; sleep: (ms: number) => Promise<unknown> }) {
  const bucket = createTokenBucket(ORDERS_PER_SECOND, clock.nowMs);
  return async (): Promise<void> => {
    for (let waitMs = bucket.take(); waitMs > 0; waitMs = bucket.take()) await clock.sleep(waitMs);
  };
}
