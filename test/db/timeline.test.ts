import { expect, test } from 'vitest';
import { beginPrepay, recordPrepayOpened, recordPrepayRefused } from '../../src/db/attempt.js';
import { recordGatewayCall } from '../../src/db/gateway-call.js';
import { listEvents } from '../../src/db/merchant-event.js';
import { markInbox, receiveNotify } from '../../src/db/notify-inbox.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../../src/db/operator-action.js';
import { projectOrder } from '../../src/db/projection.js';
import { loadTimeline } from '../../src/db/timeline.js';
import type { GatewayApi } from '../../src/domain/gateway-answer.js';
import type { OrderRecord } from '../../src/domain/order/record.js';
import type { TimelineEntry } from '../../src/domain/timeline.js';
import { fileDatabase } from './database.js';
import { deliver, delivered, minutesLater } from './events.js';
import { closed, CREATED_AT, LATER, MCHID, orderNo, outTradeNo, paid, projectionOf } from './fixtures.js';
import { moved, paidOrder, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const KEY_ID = '00000000-0000-4000-8000-000000000001';
const seconds = (n: number): Date => new Date(CREATED_AT.getTime() + n * 1_000);
const attemptOf = (order: OrderRecord) => ({ mchid: order.mchid, outTradeNo: outTradeNo(order) });

const call = (order: OrderRecord, api: GatewayApi, at: Date, outcome = 'ok') =>
  recordGatewayCall(database.db, {
    ...attemptOf(order),
    orderNo: order.orderNo,
    api,
    at,
    outcome,
    durationMs: 42,
    nextAt: null,
  });

async function act(order: OrderRecord, change: Partial<OperatorRequest>, outcome: string): Promise<void> {
  const { mchid, orderNo: number } = order;
  const asked = {
    mchid,
    orderNo: number,
    action: 'recheck',
    parameters: {},
    reason: 'why',
    actor: 'Li Lei (1)',
  } as const;
  const request = { ...asked, at: LATER, ...change };
  const { id } = await openOperatorAction(database.db, request);
  await finishOperatorAction(database.db, id, outcome, request.at);
}

const notify = (order: OrderRecord) =>
  receiveNotify(database.db, {
    mchid: order.mchid,
    protocol: 'v3',
    kind: 'payment',
    key: `key-${order.orderNo}`,
    outTradeNo: order.orderNo,
    serialNo: 'PUB_KEY_ID_1',
    rawBody: Buffer.from('raw-canary'),
    headers: { 'wechatpay-nonce': 'nonce-canary' },
    evidence: {
      transactionId: `wx-${order.orderNo}`,
      mchid: MCHID,
      appid: 'wx',
      tradeType: 'NATIVE',
      totalFen: 1_200,
      currency: 'CNY',
    },
    receivedAt: seconds(20),
  });

/** A line an entry, of what differs. */
const told = ({ at, source, kind, subject, outcome, amountFen, detail }: TimelineEntry): string =>
  [(at.getTime() - CREATED_AT.getTime()) / 1_000, source, kind, subject, outcome, amountFen, detail]
    .map((each) => each ?? '-')
    .join(' ');

const timelineOf = (order: OrderRecord): Promise<TimelineEntry[]> => loadTimeline(database.db, order);
const linesOf = async (order: OrderRecord): Promise<string[]> => (await timelineOf(order)).map(told);
const kindsOf = async (order: OrderRecord): Promise<string[]> => (await timelineOf(order)).map(({ kind }) => kind);
const only = async (order: OrderRecord, kind: string): Promise<TimelineEntry> => {
  const [entry, ...others] = (await timelineOf(order)).filter((it) => it.kind === kind);
  if (entry === undefined || others.length > 0) throw new Error(`not one ${kind}`);
  return entry;
};

test('an order that was paid, refunded and told is told from its beginning, whoever says so', async () => {
  const order = await database.place();
  const { orderNo: number } = order;
  const attempt = attemptOf(order);
  await beginPrepay(database.db, attempt, 'body-canary', seconds(1));
  await call(order, 'prepay', seconds(1));
  const codes = { codeUrl: 'weixin://canary', prepayId: 'prepay-canary', h5Url: null };
  await recordPrepayOpened(database.db, { ...attempt, codes, codeExpiresAt: LATER, now: seconds(2) });
  const row = await notify(order);
  await notify(order);
  await markInbox(database.db, row.id, 'signalled', seconds(21));
  await call(order, 'query', seconds(22), 'paid');
  await projectOrder(database.db, { ...paid(await standing(database.db, order)), foundBy: 'notify' }, minutesLater(1));
  const refund = await reserved(database.db, order, { now: minutesLater(2) });
  await moved(database.db, refund, succeeded(minutesLater(3)));
  const [event, refundEvent] = await listEvents(database.db, order);
  await deliver(database.db, event?.id ?? '', { at: minutesLater(1), status: 503, outcome: 'refused' });
  await deliver(database.db, event?.id ?? '', { at: minutesLater(4), ...delivered });

  expect(await linesOf(order)).toEqual([
    `0 shop order.created ${number} - 1200 -`,
    `1 gateway call.prepay ${number} ok - -`,
    `1 paysaga attempt.sent ${number} - - native`,
    `2 gateway attempt.opened ${number} succeeded - native`,
    `20 notify notify.payment ${number} signalled 1200 ${row.id}`,
    `20 notify evidence.notify wx-${number} - 1200 ${number}`,
    `21 paysaga notify.told ${number} signalled - ${row.id}`,
    `22 gateway call.query ${number} paid - -`,
    `300 gateway attempt.paid ${number} succeeded 1200 wx-${number}`,
    `300 paysaga order.paid ${number} notify 1200 -`,
    `300 paysaga event.refund.succeeded ${refundEvent?.id ?? ''} pending - -`,
    `360 paysaga event.order.paid ${event?.id ?? ''} delivered - -`,
    `360 shop delivery ${event?.id ?? ''} refused - 503`,
    `420 shop refund.requested ${refund.outRefundNo} succeeded 500 shop`,
    `480 gateway refund.succeeded ${refund.outRefundNo} succeeded 500 5030`,
    `540 shop delivery ${event?.id ?? ''} delivered - 200`,
  ]);
  expect(await only(order, 'notify.payment')).toMatchObject({ count: 2 });
  expect(await only(order, 'call.query')).toMatchObject({ durationMs: 42 });
  expect(JSON.stringify(await timelineOf(order))).not.toContain('canary');
});

test('an order that nobody paid tells why it was refused, stuck and closed', async () => {
  const order = await database.place();
  const refusal = { status: 400, code: 'PARAM_ERROR', message: 'message-canary', detail: null };
  await beginPrepay(database.db, attemptOf(order), '{}', seconds(1));
  await recordPrepayRefused(database.db, { ...attemptOf(order), refusal });
  await projectOrder(database.db, { ...closed(order), stuckReason: 'merchant_config' }, LATER);

  const lines = await linesOf(order);

  expect(lines).toEqual(
    expect.arrayContaining([
      `1 gateway attempt.refused ${order.orderNo} PARAM_ERROR - -`,
      `300 paysaga order.closed ${order.orderNo} expired - -`,
      `300 paysaga order.stuck ${order.orderNo} merchant_config - -`,
    ]),
  );
  expect(lines.join()).not.toContain('canary');
});

test('what people did is told with who, why, and the order before and after; a shop is no person', async () => {
  const order = await database.place();
  const until = '2026-03-02T00:00:00.000Z';
  await act(order, { action: 'extend', parameters: { until }, reason: 'the bank is slow' }, 'extended');
  await act(order, { action: 'close', actor: KEY_ID, reason: null, at: minutesLater(1) }, 'closed');
  await openOperatorAction(database.db, {
    mchid: MCHID,
    orderNo: order.orderNo,
    action: 'resolve',
    parameters: { action: 'accept' },
    reason: 'asked twice',
    actor: 'Han Meimei (2)',
    at: minutesLater(2),
  });

  const state = { version: 1, state: 'creating', expiresAt: order.expiresAt.toISOString(), refund: null, event: null };
  expect((await timelineOf(order)).slice(1)).toMatchObject([
    {
      at: LATER,
      source: 'person',
      kind: 'action.extend',
      subject: order.orderNo,
      outcome: 'extended',
      by: 'Li Lei (1)',
      reason: 'the bank is slow',
      detail: until,
      before: state,
      after: state,
    },
    { source: 'shop', kind: 'action.close', outcome: 'closed', by: KEY_ID, reason: null, detail: null },
    { source: 'person', kind: 'action.resolve', outcome: null, detail: 'accept', before: state, after: null },
  ]);
});

test('a refund that an operator asked for, or said to be paid back offline, is told as a person does', async () => {
  const order = await paidOrder(database);
  const [asked, shops] = [await reserved(database.db, order), await reserved(database.db, order)];
  const { outRefundNo: refundNo, amountFen } = asked;
  await act(order, { action: 'refund', parameters: { refundNo, amountFen, reason: null } }, 'requested');
  await act(order, { action: 'paidOffline', outRefundNo: shops.outRefundNo }, 'resolved');
  await moved(database.db, shops, { ...succeeded(), offline: true });

  expect(await linesOf(order)).toEqual(
    expect.arrayContaining([
      `300 person action.refund ${refundNo} requested 500 -`,
      `300 person refund.requested ${refundNo} requested 500 shop`,
      `300 person action.paidOffline ${shops.outRefundNo} resolved - -`,
      `300 shop refund.requested ${shops.outRefundNo} succeeded 500 shop`,
      `300 person refund.succeeded ${shops.outRefundNo} succeeded 500 5030`,
    ]),
  );
});

test('of very many calls the newest are told, and first how many are left out', async () => {
  const order = await database.place();
  await database.connection.sql`
    insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
    select ${order.mchid}, ${order.orderNo}, ${order.orderNo}, 'query',
           ${CREATED_AT.toISOString()}::timestamptz + n * interval '1 s', 'notPaid', 5 from generate_series(1, 503) n`;

  const [created, first, ...others] = await timelineOf(order);

  expect(created?.kind).toBe('order.created');
  expect(first).toMatchObject({ kind: 'call.omitted', outcome: '3', count: 3, at: CREATED_AT });
  expect(others.map(({ kind, at }) => [kind, at])).toEqual(
    Array.from({ length: 500 }, (_, index) => ['call.query', seconds(index + 4)]),
  );
});

test('exactly as many calls as are told leave none out', async () => {
  const order = await database.place();
  await database.connection.sql`
    insert into gateway_calls (mchid, order_no, out_trade_no, api, at, outcome, duration_ms)
    select ${order.mchid}, ${order.orderNo}, ${order.orderNo}, 'query', now(), 'notPaid', 5 from generate_series(1, 500)`;

  expect(await kindsOf(order)).not.toContain('call.omitted');
});

test('what happened in one millisecond stays in one order, in which one thing leads to the next', async () => {
  const order = await database.place({ createdAt: LATER });
  await act(order, { action: 'recheck' }, 'asked');
  await call(order, 'query', LATER);
  await projectOrder(database.db, projectionOf(order, { ...paid(order), stuckReason: 'review' }), LATER);

  const kinds = await kindsOf(order);

  expect(kinds).toEqual([
    'order.created',
    'action.recheck',
    'call.query',
    'attempt.paid',
    'order.paid',
    'order.stuck',
    'event.order.paid',
  ]);
  expect(await kindsOf(order)).toEqual(kinds);
});

test('nothing happened to an order that nobody placed', async () => {
  expect(await loadTimeline(database.db, { mchid: MCHID, orderNo: orderNo('nobody-asked') })).toEqual([]);
});
