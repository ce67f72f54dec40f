import { and, desc, eq, sql } from 'drizzle-orm';
import type { Mchid } from '../base/ids.js';
import { literals } from './columns.js';
import type { Db, Tx } from './connection.js';
import { guarded } from './failure.js';
import { inboxColumns, inboxRow, type InboxRow } from './inbox-row.js';
import { decodeCursor, isAfter, pageOf, type Keyset } from './keyset.js';
import { ROW_ID } from './row-id.js';
import { notifyInbox } from './schema.js';
import type { InboxStatus } from './words.js';

export type InboxFilter = {
  readonly mchid?: Mchid;
  readonly status?: InboxStatus;
  readonly cursor?: string;
  readonly limit: number;
};

export type InboxPage = { readonly items: InboxRow[]; readonly nextCursor: string | null };

/** Newest first; cursors as in `listOrders`. */
export async function listInbox(db: Db | Tx, filter: InboxFilter): Promise<InboxPage | 'bad_cursor'> {
  const { mchid, status, cursor, limit } = filter;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ROW_ID);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const rows = await guarded(() =>
    db
      .select(inboxColumns)
      .from(notifyInbox)
      .where(
        and(
          mchid && eq(notifyInbox.mchid, mchid),
          // As it stands in the partial indexes: a parameter would hide it from the planner.
          status && sql`${notifyInbox.status} = ${literals([status])}`,
          after && isAfter(notifyInbox.receivedAt, notifyInbox.id, after),
        ),
      )
      .orderBy(desc(notifyInbox.receivedAt), desc(notifyInbox.id))
      .limit(limit + 1),
  );
  const keyOf = ({ receivedAt, id }: { receivedAt: Date; id: string }): Keyset => ({ at: receivedAt, id });
  return pageOf(rows, limit, { keyOf, itemOf: inboxRow });
}
