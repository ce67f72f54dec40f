import { log } from '@temporalio/activity';
import type { Db } from '../src/db/connection.js';
import { markInbox, type InboxRow } from '../src/db/notify-inbox.js';
import {
  findCreating,
  findOverdue,
  findRequestedRefunds,
  findUndeliveredEvents,
  findUndone,
  findUnfinishedBulks,
  findUnsignalled,
} from '../src/db/sweep.js';
import { deliverNotify } from '../src/temporal/deliver-notify.js';
import type { BulkWorkflows, EventWorkflows, OrderWorkflows, RefundWorkflows } from '../src/temporal/port.js';

export type SweeperDeps = {
  readonly db: Db;
  readonly orders: OrderWorkflows;
  readonly refunds: RefundWorkflows;
  readonly events: EventWorkflows;
  readonly bulks: BulkWorkflows;
  readonly now: () => Date;
};

/** How many rows of each kind were started or signalled again. */
export type Swept = {
  readonly orders: number;
  readonly notifies: number;
  readonly refunds: number;
  readonly events: number;
  readonly bulks: number;
};

export type SweeperActivities = ReturnType<typeof createSweeperActivities>;

/** Rows a pass takes at most of each kind; what is left waits for the next minute. */
const BATCH = 200;
const MINUTE = 60_000;

/** Finds what a crash, a kill or a lost update left without its workflow, and starts or signals it again. */
export function createSweeperActivities(deps: SweeperDeps) {
  const { db, orders, refunds, events, bulks, now } = deps;
  const before = (ms: number): Date => new Date(now().getTime() - ms);
  return {
    async sweep(): Promise<Swept> {
      const lost = [
        ...(await findCreating(db, before(MINUTE), BATCH)),
        ...(await findOverdue(db, before(5 * MINUTE), BATCH)),
        ...(await findUndone(db, before(5 * MINUTE), BATCH)),
      ];
      const swept = {
        orders: await each(lost, (ref) => orders.resume(ref)),
        notifies: await each(await findUnsignalled(db, before(MINUTE), BATCH), (row) => redeliver(deps, row)),
        refunds: await each(await findRequestedRefunds(db, before(MINUTE), BATCH), (ref) => refunds.start(ref)),
        events: await each(await findUndeliveredEvents(db, before(MINUTE), BATCH), ({ id }) => events.start(id)),
        bulks: await each(await findUnfinishedBulks(db, before(MINUTE), BATCH), (id) => bulks.start(id)),
      };
      if (Object.values(swept).some((count) => count > 0)) log.info('swept', swept);
      return swept;
    },
  };
}

async function redeliver(deps: SweeperDeps, row: InboxRow): Promise<void> {
  const outcome = await deliverNotify(deps, row);
  if (outcome !== 'unmatched') await markInbox(deps.db, row.id, outcome, deps.now());
}

/** One row's failure must not keep the others waiting; it is found again by the next pass. Answers how many went well. */
async function each<Row>(rows: readonly Row[], act: (row: Row) => Promise<void>): Promise<number> {
  let done = 0;
  for (const row of rows) {
    try {
      await act(row);
      done += 1;
    } catch (error) {
      log.warn('not swept', { error });
    }
  }
  return done;
}
