import { and, desc, eq, getTableColumns, sql } from 'drizzle-orm';
import { z } from 'zod';
import { parseOutRefundNo, parseOutTradeNo, type Mchid, type OrderNo } from '../../base/ids.js';
import { literals } from '../../db/columns.js';
import type { Db, Tx } from '../../db/connection.js';
import { decodeCursor, isAfter, pageOf, type Keyset } from '../../db/keyset.js';
import { notifyInbox } from '../../db/schema.js';
import { isUuid, mchidOf, orderNoOf, ROW_ID } from '../../db/stored-values.js';
import type { InboxProtocol, InboxStatus } from '../rules/notify.js';
import { REFUND_STATUSES } from '../../orders/rules/gateway-answer.js';
import type { Evidence } from '../../orders/rules/evidence.js';
import type { RefundEvidence } from '../../refunds/rules/events.js';

/** Raw bytes and headers stay in Postgres, as proof. */
export type InboxRow = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly protocol: InboxProtocol;
  readonly key: string;
  readonly status: InboxStatus;
  readonly eventType: string;
  /** As WeChat Pay sent it, so perhaps none of ours; null for other kinds alone. */
  readonly outTradeNo: string | null;
  /** Null while unmatched or unsupported. */
  readonly orderNo: OrderNo | null;
  readonly serialNo: string;
  readonly receivedAt: Date;
  readonly signalledAt: Date | null;
  readonly deliveries: number;
} & (PaymentNews | RefundNews | OtherNews);

/** `evidence` is null where the number cannot be one of ours. */
type PaymentNews = {
  readonly kind: 'payment';
  readonly outTradeNo: string;
  readonly evidence: Evidence | null;
};

type RefundNews = {
  readonly kind: 'refund';
  readonly outTradeNo: string;
  readonly outRefundNo: string;
  readonly evidence: RefundEvidence | null;
};

/** Kept for a build that understands its sealed body; nobody is told. */
type OtherNews = { readonly kind: 'other'; readonly evidence: Said['other'] };

export type Said = { readonly [Kind in keyof typeof SAID]: Readonly<z.infer<(typeof SAID)[Kind]>> };

/** A number of PaySaga's; other kinds have none, so their event. */
export const subjectOf = (row: InboxRow): string =>
  row.kind === 'other' ? row.eventType : row.kind === 'refund' ? row.outRefundNo : row.outTradeNo;

export async function loadInbox(db: Db | Tx, id: string): Promise<InboxRow | undefined> {
  if (!isUuid(id)) return undefined;
  const rows = await db.select(inboxColumns).from(notifyInbox).where(eq(notifyInbox.id, id));
  return rows.map(inboxRow)[0];
}

/** The bytes that were verified, and the key that proved them. */
export async function loadProvenNotify(
  db: Db | Tx,
  id: string,
): Promise<{ readonly body: Uint8Array; readonly serialNo: string } | undefined> {
  if (!isUuid(id)) return undefined;
  const columns = { body: notifyInbox.rawBody, serialNo: notifyInbox.serialNo };
  const rows = await db.select(columns).from(notifyInbox).where(eq(notifyInbox.id, id));
  return rows[0];
}

type InboxFilter = {
  readonly mchid?: Mchid | undefined;
  readonly status?: InboxStatus | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
};

/** Newest first; cursors as in `listOrders`. */
export async function listInbox(db: Db | Tx, filter: InboxFilter) {
  const { mchid, status, cursor, limit } = filter;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, ROW_ID);
  if (cursor !== undefined && after === undefined) return 'bad_cursor' as const;
  const rows = await db
    .select(inboxColumns)
    .from(notifyInbox)
    .where(
      and(
        mchid && eq(notifyInbox.mchid, mchid),
        // A literal, as in the partial indexes: the planner would not match a parameter.
        status && sql`${notifyInbox.status} = ${literals([status])}`,
        after && isAfter(notifyInbox.receivedAt, notifyInbox.id, after),
      ),
    )
    .orderBy(desc(notifyInbox.receivedAt), desc(notifyInbox.id))
    .limit(limit + 1);
  const keyOf = ({ receivedAt, id }: { receivedAt: Date; id: string }): Keyset => ({ at: receivedAt, id });
  return pageOf(rows, limit, { keyOf, itemOf: inboxRow });
}

/** Never the raw bytes, which name the payer. */
const { rawBody, headers, sweptAt, ...inboxColumns } = getTableColumns(notifyInbox);

export { inboxColumns };

type StoredInboxRow = Pick<typeof notifyInbox.$inferSelect, keyof typeof inboxColumns>;

export function inboxRow({ kind, outRefundNo, evidence, mchid, orderNo, ...row }: StoredInboxRow): InboxRow {
  const common = { ...row, mchid: mchidOf(mchid), orderNo: orderNo === null ? null : orderNoOf(orderNo) };
  if (kind === 'other') return { ...common, kind, evidence: SAID.other.parse(evidence) };
  const { outTradeNo } = row;
  if (outTradeNo === null) throw new Error('A stored notify names no trade');
  if (kind === 'payment') return { ...common, kind, outTradeNo, evidence: paymentEvidence(outTradeNo, evidence) };
  if (outRefundNo === null) throw new Error('A stored refund notify names no refund');
  return { ...common, kind, outTradeNo, outRefundNo, evidence: refundEvidence(outRefundNo, evidence) };
}

function paymentEvidence(said: string, stored: unknown): Evidence | null {
  const outTradeNo = parseOutTradeNo(said);
  const payment = SAID.payment.parse(stored);
  return outTradeNo.ok ? { source: 'notify', outTradeNo: outTradeNo.value, ...payment } : null;
}

function refundEvidence(said: string, stored: unknown): RefundEvidence | null {
  const outRefundNo = parseOutRefundNo(said);
  const refund = SAID.refund.parse(stored);
  return outRefundNo.ok ? { outRefundNo: outRefundNo.value, ...refund } : null;
}

/** What the stored evidence of each kind holds; nothing else is kept. */
export const SAID = {
  payment: z.object({
    transactionId: z.string(),
    mchid: z.string(),
    appid: z.string(),
    tradeType: z.string(),
    totalFen: z.number(),
    currency: z.string(),
  }),
  refund: z.object({ refundId: z.string(), status: z.enum(REFUND_STATUSES) }),
  other: z.object({ originalType: z.string().nullable() }),
};
