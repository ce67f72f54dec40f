import { and, eq, exists, inArray, lt, ne, notExists, sql } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { attempts, notifyInbox, orders } from '../../db/schema.js';
import { isUuid } from '../../db/stored-values.js';
import { claimed, isUnfinishedNotify, SWEPT_NOW } from '../../db/unfinished.js';
import type { InboxProtocol } from '../rules/notify.js';
import { recordEvidence } from '../../orders/store/evidence.js';
import { inboxColumns, inboxRow, SAID, type InboxRow, type Said } from './inbox.js';

export type SaidNotify = { readonly mchid: Mchid; readonly eventType: string } & (
  | { readonly kind: 'payment'; readonly outTradeNo: string; readonly evidence: Said['payment'] }
  | {
      readonly kind: 'refund';
      readonly outTradeNo: string;
      readonly outRefundNo: string;
      readonly evidence: Said['refund'];
    }
  | { readonly kind: 'other'; readonly outTradeNo: string | null; readonly evidence: Said['other'] }
);

export type VerifiedNotify = SaidNotify & {
  readonly protocol: InboxProtocol;
  /** Equal for repeats of one notify, by merchant, protocol and kind. */
  readonly key: string;
  readonly serialNo: string;
  readonly rawBody: Uint8Array;
  /** Only those that prove or describe the body are kept. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly receivedAt: Date;
};

/**
 * Keeps a verified notify and its order's evidence in one transaction; without such an order it is `unmatched`. A repeat is counted,
 * and matched again while unmatched; else it changes nothing.
 */
export async function receiveNotify(db: Db | Tx, notify: VerifiedNotify): Promise<InboxRow> {
  return withTransaction(db, async (tx) => {
    const rows = await tx
      .insert(notifyInbox)
      .values({ ...values(notify), ...(await said(tx, notify)) })
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

/** Turns an `unsupported` row into what this build reads in it. Gives back its id, or that of the row which a repeat made already. */
export async function understandNotify(
  db: Db | Tx,
  { id, mchid, protocol, key }: Pick<InboxRow, 'id' | 'mchid' | 'protocol' | 'key'>,
  notify: SaidNotify,
): Promise<string> {
  return withTransaction(db, async (tx) => {
    const isTwin = [eq(notifyInbox.protocol, protocol), eq(notifyInbox.kind, notify.kind), eq(notifyInbox.key, key)];
    const [twin] = await tx
      .select({ id: notifyInbox.id })
      .from(notifyInbox)
      .where(and(eq(notifyInbox.mchid, mchid), ...isTwin));
    if (twin !== undefined) return twin.id;
    const rows = await tx
      .update(notifyInbox)
      .set(await said(tx, notify))
      .where(and(eq(notifyInbox.id, id), eq(notifyInbox.kind, 'other')))
      .returning(inboxColumns);
    for (const row of rows.map(inboxRow)) await keepEvidence(tx, row);
    return id;
  });
}

/** `duplicate`: the order had settled this very payment. An unmatched row stays as it is. */
export async function markInbox(db: Db | Tx, id: string, status: 'signalled' | 'duplicate', at: Date): Promise<void> {
  if (!isUuid(id)) return;
  await db
    .update(notifyInbox)
    .set({ status, signalledAt: at })
    .where(and(eq(notifyInbox.id, id), ne(notifyInbox.status, 'unmatched')));
}

/** Claims notifies whose order was not told, also those that came before their order. */
export function findUnsignalled(db: Db, receivedBefore: Date, limit: number): Promise<InboxRow[]> {
  return withTransaction(db, async (tx) => {
    const { id, mchid, outTradeNo, receivedAt } = notifyInbox;
    const ordered = tx
      .select({ orderNo: attempts.orderNo })
      .from(attempts)
      .where(and(eq(attempts.mchid, mchid), eq(attempts.outTradeNo, outTradeNo)));
    const isDue = and(isUnfinishedNotify, lt(receivedAt, receivedBefore), exists(ordered));
    const rows = await tx
      .update(notifyInbox)
      .set({ ...SWEPT_NOW, status: 'verified', orderNo: sql`${ordered}` })
      .where(claimed(notifyInbox, [id], { isDue, since: receivedAt, limit }))
      .returning(inboxColumns);
    const found = rows.map(inboxRow);
    for (const row of found) await keepEvidence(tx, row);
    return found;
  });
}

export async function keepEvidence(tx: Tx, row: InboxRow): Promise<void> {
  if (row.status !== 'verified' || row.orderNo === null || row.kind !== 'payment' || row.evidence === null) return;
  await recordEvidence(tx, { ...row.evidence, orderNo: row.orderNo }, row.receivedAt);
  await dueForEvidence(tx, { ...row.evidence, orderNo: row.orderNo }, row);
}

/** A final order has no deadline: should its workflow be lost right after it was told, the sweeper finds it by this. */
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

async function orderOf(
  tx: Tx,
  { mchid, outTradeNo }: { readonly mchid: Mchid; readonly outTradeNo: string },
): Promise<string | null> {
  const [attempt] = await tx
    .select({ orderNo: attempts.orderNo })
    .from(attempts)
    .where(and(eq(attempts.mchid, mchid), eq(attempts.outTradeNo, outTradeNo)));
  return attempt?.orderNo ?? null;
}

function values({ mchid, protocol, key, serialNo, rawBody, receivedAt, headers: sent }: VerifiedNotify) {
  const headers = Object.fromEntries(Object.entries(sent).filter(([name]) => KEPT_HEADER.test(name)));
  return { mchid, protocol, key, serialNo, rawBody, headers, receivedAt };
}

async function said(tx: Tx, notify: SaidNotify) {
  const { kind, eventType, outTradeNo } = notify;
  const outRefundNo = kind === 'refund' ? notify.outRefundNo : null;
  const row = { kind, eventType, outTradeNo, outRefundNo, evidence: SAID[kind].parse(notify.evidence) };
  if (kind === 'other') return { ...row, orderNo: null, status: 'unsupported' as const };
  const orderNo = await orderOf(tx, notify);
  return { ...row, orderNo, status: orderNo === null ? ('unmatched' as const) : ('verified' as const) };
}

/** Proxies add addresses and tokens. */
const KEPT_HEADER = /^(wechatpay-[a-z-]+|content-type|user-agent)$/i;
