import { and, desc, eq } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db, Tx } from '../../db/connection.js';
import { decodeCursor, inOrder, isAfter, pageOf, type Keyset } from '../../db/keyset.js';
import { approvals } from '../../db/schema.js';
import { ROW_ID } from '../../db/stored-values.js';
import { APPROVAL_STATUSES, type ApprovalRecord, type ApprovalStatus } from '../rules/approval.js';
import { approvalRecord } from './approval.js';

export type ApprovalFilter = {
  readonly mchids: readonly Mchid[];
  /** Absent: all. */
  readonly status?: ApprovalStatus | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** Newest first by when they were asked for; each part of the page comes from its index in its order. */
export async function listApprovals(
  db: Db | Tx,
  { mchids, status, cursor, limit }: ApprovalFilter,
): Promise<{ items: ApprovalRecord[]; nextCursor: string | null } | 'bad_cursor'> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ROW_ID);
  if (cursor !== undefined && after === undefined) return 'bad_cursor';
  const parts = mchids.flatMap((mchid) =>
    (status === undefined ? APPROVAL_STATUSES : [status]).map((of) => ({ mchid, of })),
  );
  const rowsOf = ({ mchid, of }: (typeof parts)[number]) =>
    db
      .select()
      .from(approvals)
      .where(
        and(
          eq(approvals.mchid, mchid),
          eq(approvals.status, of),
          after && isAfter(approvals.createdAt, approvals.id, after),
        ),
      )
      .orderBy(desc(approvals.createdAt), desc(approvals.id))
      .limit(limit + 1);
  const rows = (await Promise.all(parts.map(rowsOf))).flat();
  const keyOf = ({ createdAt: at, id }: (typeof rows)[number]): Keyset => ({ at, id });
  return pageOf(inOrder(rows, keyOf), limit, { keyOf, itemOf: approvalRecord });
}
