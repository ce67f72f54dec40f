import { setTimeout as sleep } from 'node:timers/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { BulkProgress } from '../src/bulk/rules/bulk.js';
import {
  finishBulk,
  finishBulkOrder,
  loadBulk,
  openBulkOrders,
  type BulkItem,
  type BulkRecord,
} from '../src/bulk/store/bulk.js';
import { isUnavailable } from '../src/db/failure.js';

import { TemporalUnavailable } from '../src/temporal/call.js';

import { actOnOrder, type BulkOrderDeps } from './bulk-order.js';
import { createTurns } from './bulk-turns.js';

export type BulkDeps = BulkOrderDeps;

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
    for (let next = left.next(); next.done !== true && !isOver(); next = left.next()) {
      await act(next.value).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

const isOutage = (error: unknown): boolean => error instanceof TemporalUnavailable || isUnavailable(error);
