import { and, eq, exists, lt, ne, sql } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { given, preparedOnce } from '../../db/prepared.js';
import { attempts, notifyInbox } from '../../db/schema.js';
import { isUuid } from '../../db/stored-values.js';
import { claimed, isUnfinishedNotify, SWEPT_NOW } from '../../db/unfinished.js';
import type { InboxProtocol } from '../rules/notify.js';
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
export async function receiveNotify(db: Db | Tx, { headers: sent, ...notify }: VerifiedNotify): Promise<InboxRow> {
  const headers = Object.fromEntries(Object.entries(sent).filter(([name]) => KEPT_HEADER.test(name)));
  const outRefundNo = notify.kind === 'refund' ? notify.outRefundNo : null;
  const evidence = SAID[notify.kind].parse(notify.evidence);
  const rows = await receiving(db).execute({ ...notify, headers, outRefundNo, evidence });
  const [row] = rows.map(inboxRow);
  if (row === undefined) throw new Error('A received notify was not returned');
  return row;
}

/** In the order of the function's parameters. */
const RECEIVED = sql.join(
  (
    [
      ...['mchid', 'protocol', 'kind', 'key', 'eventType', 'outTradeNo', 'outRefundNo', 'evidence', 'serialNo'],
      ...['rawBody', 'headers', 'receivedAt'],
    ] as const
  ).map((name) => given(name, notifyInbox[name])),
  sql`, `,
);

/** One statement and its own transaction: WeChat Pay waits for it. */
const receiving = preparedOnce((db) => {
  const row = db.$with('row', inboxColumns).as(sql`select * from receive_notify(${RECEIVED})`);
  return db.with(row).select().from(row).prepare('receive_notify');
});

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
  if (isUuid(id)) await marking(db).execute({ id, status, signalledAt: at });
}

const marking = preparedOnce((db) =>
  db
    .update(notifyInbox)
    .set({ status: given('status', notifyInbox.status), signalledAt: given('signalledAt', notifyInbox.signalledAt) })
    .where(and(eq(notifyInbox.id, given('id', notifyInbox.id)), ne(notifyInbox.status, 'unmatched')))
    .prepare('mark_notify'),
);

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

/** What {@link receiveNotify} does with a row that it has matched. */
async function keepEvidence(tx: Tx, { id }: InboxRow): Promise<void> {
  await tx.execute(
    sql`select keep_notify_evidence(${notifyInbox}) from ${notifyInbox} where ${eq(notifyInbox.id, id)}`,
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
