import { expect, test } from 'vitest';
import { sentDuring } from '../support/statements.js';
import { listEvidence } from '../../src/orders/store/evidence.js';
import { listInbox, type InboxRow, loadInbox } from '../../src/inbox/store/inbox.js';
import { markInbox, receiveNotify, type VerifiedNotify } from '../../src/inbox/store/receive.js';
import { insertOrder, loadOrder, type NewOrder } from '../../src/orders/store/order.js';
import { fileDatabase } from './database.js';
import { LATER, MCHID, mchid, newOrder } from './fixtures.js';
import { paidOrder } from './refunds.js';

type PaymentNotify = Extract<VerifiedNotify, { kind: 'payment' }>;

const database = fileDatabase();
const BODY = Buffer.from('{"resource":{"ciphertext":"secret of oPayer"}}');

const notify = (order: Pick<NewOrder, 'mchid' | 'orderNo'>, change: Partial<PaymentNotify> = {}): PaymentNotify => ({
  mchid: order.mchid,
  protocol: 'v3',
  kind: 'payment',
  eventType: 'TRANSACTION.SUCCESS',
  key: `notify-of-${order.orderNo}`,
  outTradeNo: order.orderNo,
  serialNo: 'PUB_KEY_ID_1',
  rawBody: BODY,
  headers: {
    'wechatpay-signature': 'c2ln',
    'Wechatpay-Nonce': 'n',
    'content-type': 'application/json',
    'user-agent': 'Mozilla/4.0',
    authorization: 'Bearer something',
    'x-forwarded-for': '203.0.113.9',
  },
  evidence: {
    transactionId: `4200-${order.orderNo}`,
    mchid: order.mchid,
    appid: 'wx0000000000000001',
    tradeType: 'NATIVE',
    totalFen: 1_200,
    currency: 'CNY',
  },
  receivedAt: LATER,
  ...change,
});

test('a notify for an order is verified, and evidence in the same moment', async () => {
  const order = await database.place();

  const row = await receiveNotify(database.db, notify(order));

  expect(row).toEqual({
    id: row.id,
    mchid: MCHID,
    protocol: 'v3',
    kind: 'payment',
    eventType: 'TRANSACTION.SUCCESS',
    key: `notify-of-${order.orderNo}`,
    status: 'verified',
    outTradeNo: order.orderNo,
    orderNo: order.orderNo,
    evidence: { source: 'notify', outTradeNo: order.orderNo, ...notify(order).evidence },
    serialNo: 'PUB_KEY_ID_1',
    receivedAt: LATER,
    signalledAt: null,
    deliveries: 1,
  });
  expect(await listEvidence(database.db, order)).toMatchObject([
    { source: 'notify', transactionId: `4200-${order.orderNo}`, amountFen: 1_200, at: LATER },
  ]);
  expect(await loadInbox(database.db, row.id)).toEqual(row);
});

test('it is one statement, which is its own transaction, and another one once its order was told', async () => {
  const order = await database.place();
  const statements = await sentDuring(database.url, async ({ db }) => {
    const { id } = await receiveNotify(db, notify(order));
    await markInbox(db, id, 'signalled', LATER);
  });

  expect(statements).toHaveLength(2);
});

test('a payment that a final order does not know gives it something to do; one it knows, or that is awaited, does not', async () => {
  const paid = await paidOrder(database);
  const due = async (order: Pick<NewOrder, 'mchid' | 'orderNo'>) => (await loadOrder(database.db, order))?.dueAt;
  const evidence = (transactionId: string) => ({ evidence: { ...notify(paid).evidence, transactionId } });
  const known = paid.attempts[0]?.transactionId ?? '';

  await receiveNotify(database.db, notify(paid, { key: `known-${paid.orderNo}`, ...evidence(known) }));
  expect(await due(paid)).toBeNull();

  await receiveNotify(database.db, notify(paid, { key: `unknown-${paid.orderNo}`, ...evidence(`other-${known}`) }));
  expect(await due(paid)).toEqual(LATER);

  const waiting = await database.place();
  await receiveNotify(database.db, notify(waiting));
  expect(await due(waiting)).toBeNull();
});

test('the exact bytes are kept, and of the headers only what proves or describes them', async () => {
  const order = await database.place();
  const { id } = await receiveNotify(database.db, notify(order));

  const [kept] = await database.connection.sql`select raw_body, headers from notify_inbox where id = ${id}`;

  expect(Buffer.compare(kept?.['raw_body'] as Buffer, BODY)).toBe(0);
  expect(kept?.['headers']).toEqual({
    'wechatpay-signature': 'c2ln',
    'Wechatpay-Nonce': 'n',
    'content-type': 'application/json',
    'user-agent': 'Mozilla/4.0',
  });
});

test('a repeat is counted and keeps what became of the first', async () => {
  const order = await database.place();
  const first = await receiveNotify(database.db, notify(order));
  await markInbox(database.db, first.id, 'signalled', LATER);

  const again = await receiveNotify(database.db, notify(order));

  expect(again).toEqual({ ...first, status: 'signalled', signalledAt: LATER, deliveries: 2 });
  expect(await listEvidence(database.db, order)).toHaveLength(1);
});

test('repeats at once are one row, counted to the last', async () => {
  const order = await database.place();

  await Promise.all(Array.from({ length: 30 }, () => receiveNotify(database.db, notify(order))));

  const row = await receiveNotify(database.db, notify(order));
  expect(row.deliveries).toBe(31);
  expect(await listEvidence(database.db, order)).toHaveLength(1);
});

test('a notify that no order fits is kept as unmatched, and matched once the order is there', async () => {
  const order = newOrder();
  const early = await receiveNotify(database.db, notify(order));
  const stillEarly = await receiveNotify(database.db, notify(order));
  await insertOrder(database.db, order);

  const matched = await receiveNotify(database.db, notify(order));

  expect(early).toMatchObject({ status: 'unmatched', orderNo: null });
  expect(stillEarly).toMatchObject({ status: 'unmatched', deliveries: 2 });
  expect(matched).toMatchObject({ id: early.id, status: 'verified', orderNo: order.orderNo, deliveries: 3 });
  expect(await listEvidence(database.db, order)).toMatchObject([{ source: 'notify' }]);
});

test("another merchant's order with the same number is not matched", async () => {
  const order = await database.place();

  const row = await receiveNotify(database.db, notify({ ...order, mchid: mchid('1900000777') }));

  expect(row.status).toBe('unmatched');
  expect(await listEvidence(database.db, order)).toEqual([]);
});

test('a number that is legal for WeChat Pay but never one of ours is kept without evidence to tell', async () => {
  const order = newOrder();

  const row = await receiveNotify(database.db, notify(order, { outTradeNo: 'a|b' }));

  expect(row).toMatchObject({ status: 'unmatched', outTradeNo: 'a|b', evidence: null });
});

const refundNotify = (order: Pick<NewOrder, 'mchid' | 'orderNo'>, outRefundNo: string): VerifiedNotify => ({
  mchid: order.mchid,
  protocol: 'v3',
  kind: 'refund',
  eventType: 'REFUND.SUCCESS',
  key: `notify-of-${order.orderNo}`,
  outTradeNo: order.orderNo,
  outRefundNo,
  serialNo: 'PUB_KEY_ID_1',
  rawBody: BODY,
  headers: {},
  evidence: { refundId: '5030', status: 'succeeded', ...{ userReceivedAccount: 'a bank card' } },
  receivedAt: LATER,
});

test('a notify of a refund says only that, and is no evidence of a payment', async () => {
  const order = await database.place();
  const payment = await receiveNotify(database.db, notify(order));

  const row = await receiveNotify(database.db, refundNotify(order, 'refund-1'));

  expect(row).toEqual({
    ...payment,
    id: row.id,
    kind: 'refund',
    eventType: 'REFUND.SUCCESS',
    outRefundNo: 'refund-1',
    evidence: { outRefundNo: 'refund-1', refundId: '5030', status: 'succeeded' },
  });
  expect(row.id).not.toBe(payment.id);
  expect(await listEvidence(database.db, order)).toHaveLength(1);
  expect(await loadInbox(database.db, row.id)).toEqual(row);
  expect(await receiveNotify(database.db, refundNotify(order, 'refund-1'))).toEqual({ ...row, deliveries: 2 });
  const [kept] = await database.connection.sql`select evidence from notify_inbox where id = ${row.id}`;
  expect(kept?.['evidence']).toEqual({ refundId: '5030', status: 'succeeded' });
});

test('a notify of a refund that cannot be one of ours is kept without evidence to tell', async () => {
  const [order, other, stranger] = [await database.place(), await database.place(), newOrder()];

  const elsewhere = await receiveNotify(database.db, refundNotify(order, 'a/b'));
  const others = await receiveNotify(database.db, refundNotify(other, 'a|b'));
  const unknown = await receiveNotify(database.db, refundNotify(stranger, `${stranger.orderNo}@return`));

  expect(elsewhere).toMatchObject({ status: 'verified', outRefundNo: 'a/b', evidence: null });
  expect(others).toMatchObject({ status: 'verified', evidence: { outRefundNo: 'a|b' } });
  expect(unknown).toMatchObject({ status: 'unmatched', evidence: { outRefundNo: `${stranger.orderNo}@return` } });
});

test('only a matched row can be marked', async () => {
  const unmatched = await receiveNotify(database.db, notify(newOrder()));
  const matched = await receiveNotify(database.db, notify(await database.place()));

  await markInbox(database.db, unmatched.id, 'signalled', LATER);
  await markInbox(database.db, matched.id, 'duplicate', LATER);
  await markInbox(database.db, 'not-an-id', 'signalled', LATER);

  expect(await loadInbox(database.db, unmatched.id)).toEqual(unmatched);
  expect(await loadInbox(database.db, matched.id)).toMatchObject({ status: 'duplicate', signalledAt: LATER });
});

test('what is no id names no row', async () => {
  expect(await loadInbox(database.db, "' or 1=1")).toBeUndefined();
  expect(await loadInbox(database.db, '00000000-0000-4000-8000-000000000000')).toBeUndefined();
});

test('the list is newest first, by merchant and status, page by page', async () => {
  const merchant = mchid('1900000555');
  const rows: InboxRow[] = [];
  for (const minute of [1, 2, 3, 4, 5]) {
    const order = await database.place({ mchid: merchant });
    rows.unshift(await receiveNotify(database.db, notify(order, { receivedAt: new Date(LATER.getTime() + minute) })));
  }
  const [newest] = rows;
  await markInbox(database.db, newest?.id ?? '', 'signalled', LATER);

  const first = await listInbox(database.db, { mchid: merchant, limit: 3 });
  if (first === 'bad_cursor') throw new Error(first);
  const second = await listInbox(database.db, { mchid: merchant, limit: 3, cursor: first.nextCursor ?? '' });
  const unfinished = await listInbox(database.db, { mchid: merchant, status: 'verified', limit: 10 });
  const everywhere = await listInbox(database.db, { limit: 200 });

  expect(first.items.map((row) => row.id)).toEqual(rows.slice(0, 3).map((row) => row.id));
  expect(second).toMatchObject({ items: rows.slice(3), nextCursor: null });
  expect(unfinished).toEqual({ items: rows.slice(1), nextCursor: null });
  expect(everywhere !== 'bad_cursor' && everywhere.items.length).toBeGreaterThan(5);
  expect(await listInbox(database.db, { limit: 3, cursor: 'bm9wZQ' })).toBe('bad_cursor');
});
