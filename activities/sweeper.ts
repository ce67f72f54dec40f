import { log } from '@temporalio/activity';
import { findCreating, findOverdue, findUnsignalled } from '../src/db/sweep.js';
import { markInbox } from '../src/db/notify-inbox.js';
import type { Db } from '../src/db/connection.js';
import type { OrderRef, OrderWorkflows } from '../src/temporal/port.js';

export type SweeperDeps = { readonly db: Db; readonly orders: OrderWorkflows; readonly now: () => Date };

export type Swept = { readonly resumed: number; readonly signalled: number };

export type SweeperActivities = ReturnType<typeof createSweeperActivities>;

/** Rows a pass takes at most of each kind; what is left waits for the next minute. */
const BATCH = 200;
const MINUTE = 60_000;

/** Finds what a crash, a kill or a lost update left without its workflow, and starts or signals it again. */
export function createSweeperActivities({ db, orders, now }: SweeperDeps) {
  return {
    async sweep(): Promise<Swept> {
      const before = (ms: number): Date => new Date(now().getTime() - ms);
      const creating = await findCreating(db, before(MINUTE), BATCH);
      const overdue = await findOverdue(db, before(5 * MINUTE), BATCH);
      const resumed = await each([...creating, ...overdue], (ref: OrderRef) => orders.resume(ref));
      const rows = await findUnsignalled(db, before(MINUTE), BATCH);
      const signalled = await each(rows, async ({ id, mchid, orderNo, evidence }) => {
        if (orderNo === null || evidence === null) return;
        const outcome = await orders.deliverEvidence({ mchid, orderNo, evidence });
        await markInbox(db, id, outcome, now());
      });
      if (resumed + signalled > 0) log.info('swept', { resumed, signalled });
      return { resumed, signalled };
    },
  };
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
