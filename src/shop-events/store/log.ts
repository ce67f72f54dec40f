import { and, asc, desc, eq, gt, lte, sql } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Db } from '../../db/connection.js';
import { merchantEvents } from '../../db/schema.js';
import { isUuid } from '../../db/stored-values.js';
import type { MerchantEventType } from '../rules/event.js';

export type LoggedEvent = Pick<
  typeof merchantEvents.$inferSelect,
  'id' | 'seq' | 'type' | 'orderNo' | 'createdAt' | 'status' | 'tries' | 'deliveredAt' | 'nextAt' | 'body'
>;

export type LogFilter = {
  readonly mchid: Mchid;
  readonly type?: MerchantEventType | undefined;
  readonly orderNo?: string | undefined;
};

type LogPage = {
  readonly events: readonly LoggedEvent[];
  /** More are there that can be read. */
  readonly hasMore: boolean;
  /** There is one behind them that cannot be read yet: one before it may still be written. */
  readonly isHeld: boolean;
};

/** Before the first event. */
export const START = 0;

/**
 * A merchant's events after a position, in the order in which they were written. An event is left out while one with a smaller
 * number may still appear: whoever goes on after the last one misses none.
 */
export async function readEventLog(
  db: Db,
  filter: LogFilter,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<LogPage> {
  // A statement of its own: the next one sees all that was committed before it.
  const settled = await settledNumber(db);
  const { id, seq, type, orderNo, createdAt, status, tries, deliveredAt, nextAt, body } = merchantEvents;
  const rows = await db
    .select({ id, seq, type, orderNo, createdAt, status, tries, deliveredAt, nextAt, body })
    .from(merchantEvents)
    .where(and(...isWanted(filter), gt(seq, after)))
    .orderBy(asc(seq))
    .limit(limit + 1);
  const readable = rows.filter((row) => row.seq <= settled);
  return {
    events: readable.slice(0, limit),
    hasMore: readable.length > limit,
    isHeld: readable.length < rows.length,
  };
}

const isWanted = ({ mchid, type, orderNo }: LogFilter) => [
  eq(merchantEvents.mchid, mchid),
  type && eq(merchantEvents.type, type),
  orderNo === undefined ? undefined : eq(merchantEvents.orderNo, orderNo),
];

async function settledNumber(db: Db): Promise<number> {
  const [row] = await db.execute<{ settled: string }>(sql`select settled_merchant_events() as settled`);
  return Number(row?.settled ?? START);
}

/** Where an event of the merchant stands; `undefined` where it has no such event. */
export async function positionOf(db: Db, mchid: Mchid, id: string): Promise<number | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await db
    .select({ seq: merchantEvents.seq })
    .from(merchantEvents)
    .where(and(eq(merchantEvents.id, id), eq(merchantEvents.mchid, mchid)));
  return row?.seq;
}

/** The last event that can be read; `undefined` where there is none yet. */
export async function lastEvent(db: Db, mchid: Mchid): Promise<Pick<LoggedEvent, 'id' | 'seq'> | undefined> {
  const settled = await settledNumber(db);
  const [row] = await db
    .select({ id: merchantEvents.id, seq: merchantEvents.seq })
    .from(merchantEvents)
    .where(and(eq(merchantEvents.mchid, mchid), lte(merchantEvents.seq, settled)))
    .orderBy(desc(merchantEvents.seq))
    .limit(1);
  return row;
}
