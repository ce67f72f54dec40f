import { and, desc, eq, inArray, ne, notExists, sql } from 'drizzle-orm';
import type { Mchid } from '../domain/ids.js';
import { withTransaction, type Db, type Tx } from './connection.js';
import { recordEvidence } from './evidence.js';
import { guarded } from './failure.js';
import { inboxColumns, inboxRow, type InboxRow, type SaidPayment, type SaidRefund } from './inbox-row.js';
import { decodeCursor, isAfter, pageOf, type Keyset } from './keyset.js';
import { isUuid, ROW_ID } from './row-id.js';
import { attempts, notifyInbox, orders } from './schema.js';
import type { InboxProtocol, InboxStatus } from './words.js';

export type { InboxRow } from './inbox-row.js';
export type { InboxStatus } from './words.js';

export type VerifiedNotify = {
  readonly mchid: Mchid;
  readonly protocol: InboxProtocol;
  /** Equal for repeats of one notify, by merchant, protocol and kind. */
  readonly key: string;
  readonly outTradeNo: string;
  readonly serialNo: string;
  readonly rawBody: Uint8Array;
  /** Only those that prove or describe the body are kept. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly receivedAt: Date;
} & (
  | { readonly kind: 'payment'; readonly evidence: SaidPayment }
  | { readonly kind: 'refund'; readonly outRefundNo: string; readonly evidence: SaidRefund }
);

/**
 * Keeps a notify that was verified and, in the same transaction, what it says as evidence for its order. Without such an
 * order the row is `unmatched`. A repeat is counted, and matched again while no order was found; else it changes nothing.
 */
export async function receiveNotify(db: Db | Tx, notify: VerifiedNotify): Promise<InboxRow> {
  return withTransaction(db, async (tx) => {
    const orderNo = await orderOf(tx, notify);
    const rows = await tx
      .insert(notifyInbox)
      .values({ ...values(notify), orderNo, status: orderNo === null ? 'unmatched' : 'verified' })
      .onConflictDoUpdate({
        target: [notifyInbox.mchid, notifyInbox.protocol, notifyInbox.kind, notifyInbox.key],
        set: {
          deliveries: sql`${notifyInbox.deliveries} + 1`,
          orderNo: sql`coalesce(${notifyInbox.orderNo}, excluded.order_no)`,
          status: sql`case ${notifyInbox.status} when 'unmatched' then excluded.status else ${notifyInbox.status} end`,
        },
      })
      .returning(inboxColumns);
    const [row] = rows.map(inboxRow);
    if (row === undefined) throw new Error('A received notify was not returned');
    await keepEvidence(tx, row);
    return row;
  });
}

/** What a matched row says about a payment becomes its order's evidence. */
export async function keepEvidence(tx: Tx, row: InboxRow): Promise<void> {
  if (row.status !== 'verified' || row.orderNo === null || row.kind !== 'payment' || row.evidence === null) return;
  await recordEvidence(tx, { ...row.evidence, orderNo: row.orderNo }, row.receivedAt);
  await dueForEvidence(tx, { ...row.evidence, orderNo: row.orderNo }, row);
}

/** No deadline brings a final order back: should its workflow be lost right after it was told, the sweeper finds it by this. */
async function dueForEvidence(
  tx: Tx,
  { orderNo, transactionId }: { readonly orderNo: string; readonly transactionId: string },
  { mchid, receivedAt }: InboxRow,
): Promise<void> {
  const settled = tx
    .select({ number: attempts.number })
    .from(attempts)
    .where(and(eq(attempts.mchid, mchid), eq(attempts.transactionId, transactionId)));
  await tx
    .update(orders)
    .set({ dueAt: sql`coalesce(${orders.dueAt}, ${sql.param(receivedAt, orders.dueAt)})` })
    .where(
      and(
        eq(orders.mchid, mchid),
        eq(orders.orderNo, orderNo),
        inArray(orders.state, ['paid', 'closed']),
        notExists(settled),
      ),
    );
}

/** Its order was told (`signalled`), or had settled this very payment (`duplicate`). An unmatched row stays as it is. */
export async function markInbox(db: Db | Tx, id: string, status: 'signalled' | 'duplicate', at: Date): Promise<void> {
  if (!isUuid(id)) return;
  await guarded(() =>
    db
      .update(notifyInbox)
      .set({ status, signalledAt: at })
      .where(and(eq(notifyInbox.id, id), ne(notifyInbox.status, 'unmatched'))),
  );
}

export async function loadInbox(db: Db | Tx, id: string): Promise<InboxRow | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await guarded(() => db.select(inboxColumns).from(notifyInbox).where(eq(notifyInbox.id, id)));
  return rows.map(inboxRow)[0];
}

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
          status && eq(notifyInbox.status, status),
          after && isAfter(notifyInbox.receivedAt, notifyInbox.id, after),
        ),
      )
      .orderBy(desc(notifyInbox.receivedAt), desc(notifyInbox.id))
      .limit(limit + 1),
  );
  const keyOf = ({ receivedAt, id }: { receivedAt: Date; id: string }): Keyset => ({ at: receivedAt, id });
  return pageOf(rows, limit, { keyOf, itemOf: inboxRow });
}

async function orderOf(tx: Tx, { mchid, outTradeNo }: VerifiedNotify): Promise<string | null> {
  const [attempt] = await tx
    .select({ orderNo: attempts.orderNo })
    .from(attempts)
    .where(and(eq(attempts.mchid, mchid), eq(attempts.outTradeNo, outTradeNo)));
  return attempt?.orderNo ?? null;
}

function values(notify: VerifiedNotify) {
  const { mchid, protocol, kind, key, outTradeNo, serialNo, rawBody, receivedAt } = notify;
  const headers = Object.fromEntries(Object.entries(notify.headers).filter(([name]) => KEPT_HEADER.test(name)));
  const outRefundNo = kind === 'refund' ? notify.outRefundNo : null;
  return {
    mchid,
    protocol,
    kind,
    key,
    outTradeNo,
    outRefundNo,
    serialNo,
    rawBody,
    headers,
    ...said(notify),
    receivedAt,
  };
}

/** Field by field: whatever else the caller's object holds stays outside. */
function said(notify: VerifiedNotify): { evidence: SaidPayment | SaidRefund } {
  if (notify.kind === 'refund') {
    const { refundId, status } = notify.evidence;
    return { evidence: { refundId, status } };
  }
  const { transactionId, mchid, appid, tradeType, totalFen, currency } = notify.evidence;
  return { evidence: { transactionId, mchid, appid, tradeType, totalFen, currency } };
}

/** Nothing of the network between: proxies add addresses and tokens. */
const KEPT_HEADER = /^(wechatpay-[a-z-]+|content-type|user-agent)$/i;
