import { expect, test } from 'vitest';
import { beginPrepay, recordPrepayOpened, recordPrepayFailed } from '../../src/orders/store/prepay.js';
import { recordGatewayCall } from '../../src/orders/store/gateway-call.js';
import { listEvents } from '../../src/shop-events/store/outbox.js';
import { markInbox, receiveNotify } from '../../src/inbox/store/receive.js';
import { finishOperatorAction, openOperatorAction, type OperatorRequest } from '../../src/actions/store/action.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import { loadTimeline } from '../../src/timeline/store/timeline.js';
import type { GatewayApi } from '../../src/orders/rules/gateway-answer.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import type { TimelineEntry } from '../../src/timeline/rules/entry.js';
import { fileDatabase } from './database.js';
import { deliver, delivered, exhausted, minutesLater } from './events.js';
import { closed, CREATED_AT, fen, LATER, MCHID, orderNo, outTradeNo, paid, projectionOf } from './fixtures.js';
import { moved, outRefundNo, paidOrder, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const KEY_ID = '00000000-0000-4000-8000-000000000001';
const seconds = (n: number): Date => new Date(CREATED_AT.getTime() + n * 1_000);
const attemptOf = (order: OrderRecord) => ({
  mchid: order.mchid,
  orderNo: order.orderNo,
  outTradeNo: outTradeNo(order),
});

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
    eventType: 'TRANSACTION.SUCCESS',
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
const told = ({ source, kind, subject, outcome, amountFen, detail }: TimelineEntry): string =>
  [source, kind, subject, outcome, amountFen, detail].map((each) => each ?? '-').join(' ');

const timelineOf = (order: OrderRecord): Promise<TimelineEntry[]> => loadTimeline(database.db, order);
const linesOf = async (order: OrderRecord): Promise<string[]> => (await timelineOf(order)).map(told);
const kindsOf = async (order: OrderRecord): Promise<string[]> => (await timelineOf(order)).map(({ kind }) => kind);
const all = async (order: OrderRecord, kind: string): Promise<TimelineEntry[]> =>
  (await timelineOf(order)).filter((it) => it.kind === kind);
const only = async (order: OrderRecord, kind: string): Promise<TimelineEntry> => {
  const [entry, ...others] = await all(order, kind);
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
    `shop order.created ${number} - 1200 -`,
    `paysaga attempt.sent ${number} - - native`,
    `gateway call.prepay ${number} ok - -`,
    `gateway attempt.opened ${number} - - native`,
    `paysaga order.awaitingPayment ${number} - - -`,
    `notify notify.payment ${number} - 1200 ${row.id}`,
    `notify evidence.notify wx-${number} - 1200 ${number}`,
    `notify notify.payment ${number} - 1200 ${row.id}`,
    `paysaga notify.told ${number} signalled - ${row.id}`,
    `gateway call.query ${number} paid - -`,
    `gateway attempt.paid ${number} - 1200 wx-${number}`,
    `paysaga order.paid ${number} notify 1200 -`,
    `paysaga event.order.paid ${event?.id ?? ''} - - -`,
    `shop refund.requested ${refund.outRefundNo} - 500 shop`,
    `gateway refund.succeeded ${refund.outRefundNo} - 500 5030`,
    `paysaga event.refund.succeeded ${refundEvent?.id ?? ''} - - ${refund.outRefundNo}`,
    `shop delivery ${event?.id ?? ''} refused - 503`,
    `shop delivery ${event?.id ?? ''} delivered - 200`,
  ]);
  expect((await all(order, 'notify.payment')).map(({ count }) => count)).toEqual([1, 2]);
  expect(await only(order, 'attempt.paid')).toMatchObject({ wechatAt: LATER });
  expect(await only(order, 'refund.succeeded')).toMatchObject({ wechatAt: minutesLater(3) });
  expect(await only(order, 'call.query')).toMatchObject({ durationMs: 42 });
  expect(JSON.stringify(await timelineOf(order))).not.toContain('canary');
});

test('an order that nobody paid tells why it was refused, stuck and closed', async () => {
  const order = await database.place();
  const refusal = { status: 400, code: 'PARAM_ERROR', message: 'message-canary', detail: null };
  await beginPrepay(database.db, attemptOf(order), '{}', seconds(1));
  await recordPrepayFailed(database.db, attemptOf(order), { earlierUnknown: false, refusal });
  await projectOrder(database.db, { ...closed(order), stuckReason: 'merchant_config' }, LATER);

  const lines = await linesOf(order);

  expect(lines).toEqual(
    expect.arrayContaining([
      `gateway attempt.refused ${order.orderNo} PARAM_ERROR - -`,
      `paysaga order.closed ${order.orderNo} expired - -`,
      `paysaga order.stuck ${order.orderNo} merchant_config - -`,
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
      source: 'person',
      kind: 'action.extend',
      subject: order.orderNo,
      outcome: null,
      by: 'Li Lei (1)',
      reason: 'the bank is slow',
      detail: until,
      before: state,
      after: null,
    },
    { source: 'paysaga', kind: 'answer.extend', outcome: 'extended', by: 'Li Lei (1)', before: state, after: state },
    { source: 'shop', kind: 'action.close', outcome: null, by: KEY_ID, reason: null, detail: null },
    { source: 'paysaga', kind: 'answer.close', outcome: 'closed', by: KEY_ID },
    { source: 'person', kind: 'action.resolve', outcome: null, detail: 'accept', before: state, after: null },
  ]);
});

test('a refund that an operator asked for, or said to be paid back offline, is told as a person does', async () => {
  const order = await paidOrder(database);
  const refundNo = `asked-${order.orderNo}`;
  await act(order, { action: 'refund', parameters: { refundNo, amountFen: 500, reason: null } }, 'requested');
  await reserved(database.db, order, { outRefundNo: outRefundNo(refundNo) });
  const shops = await reserved(database.db, order);
  await act(order, { action: 'paidOffline', outRefundNo: shops.outRefundNo }, 'resolved');
  await moved(database.db, shops, { ...succeeded(), offline: true });

  expect(await linesOf(order)).toEqual(
    expect.arrayContaining([
      `person action.refund ${refundNo} - 500 -`,
      `paysaga answer.refund ${refundNo} requested - -`,
      `person refund.requested ${refundNo} - 500 shop`,
      `shop refund.requested ${shops.outRefundNo} - 500 shop`,
      `person action.paidOffline ${shops.outRefundNo} - - -`,
      `paysaga answer.paidOffline ${shops.outRefundNo} resolved - -`,
      `person refund.succeeded ${shops.outRefundNo} - 500 5030`,
    ]),
  );
});

const extend = (order: OrderRecord, until: Date) =>
  projectOrder(database.db, { ...projectionOf(order), expiresAtMs: until.getTime() }, LATER);

/** What may happen to an order one after the other: each step begins with the order as it then stands. */
const STORIES: Readonly<
  Record<string, readonly (readonly [told: string, step: (order: OrderRecord) => Promise<unknown>])[]>
> = {
  'paid, refused by the shop, and its refund abnormal until it is paid back offline': [
    ['attempt.sent', (order) => beginPrepay(database.db, attemptOf(order), '{}', seconds(1))],
    ['call.prepay', (order) => call(order, 'prepay', seconds(1))],
    [
      'attempt.opened order.awaitingPayment',
      (order) => {
        const codes = { codeUrl: 'weixin://', prepayId: null, h5Url: null };
        return recordPrepayOpened(database.db, { ...attemptOf(order), codes, codeExpiresAt: LATER, now: seconds(2) });
      },
    ],
    ['order.deadline', (order) => extend(order, minutesLater(60))],
    ['notify.payment evidence.notify', (order) => notify(order)],
    ['call.query', (order) => call(order, 'query', seconds(22), 'paid')],
    [
      'attempt.paid order.paid order.fulfilment event.order.paid',
      (order) => projectOrder(database.db, { ...paid(order), fulfilment: 'pending' }, LATER),
    ],
    ['notify.payment', (order) => notify(order)],
    [
      'delivery event.exhausted order.stuck',
      async (order) => deliver(database.db, (await listEvents(database.db, order))[0]?.id ?? '', exhausted),
    ],
    [
      'event.withdrawn order.fulfilment order.unstuck event.order.compensating',
      (order) => projectOrder(database.db, { ...projectionOf(order), fulfilment: 'overdue' }, LATER),
    ],
    ['refund.requested', (order) => reserved(database.db, order)],
    ['refund.processing', (order) => moved(database.db, refundOf(order), { state: 'processing', refundId: '5030' })],
    [
      'refund.abnormal order.stuck event.refund.abnormal',
      (order) => moved(database.db, refundOf(order), { state: 'abnormal' }),
    ],
    [
      'action.paidOffline answer.paidOffline',
      (order) => act(order, { action: 'paidOffline', outRefundNo: refundOf(order).outRefundNo }, 'resolved'),
    ],
    [
      'refund.succeeded order.unstuck event.refund.succeeded',
      (order) => moved(database.db, refundOf(order), { ...succeeded(), offline: true }),
    ],
  ],
  'never paid, stuck, closed, and its money found late': [
    ['attempt.sent', (order) => beginPrepay(database.db, attemptOf(order), '{}', seconds(1))],
    [
      'order.awaitingPayment order.stuck',
      (order) =>
        projectOrder(
          database.db,
          { ...projectionOf(order, { state: 'awaitingPayment' }), stuckReason: 'gateway_unreachable' },
          LATER,
        ),
    ],
    ['action.recheck answer.recheck', (order) => act(order, { action: 'recheck' }, 'asked')],
    [
      'attempt.closed order.closed order.unstuck event.order.closed',
      (order) => projectOrder(database.db, { ...closed(order), stuckReason: null }, LATER),
    ],
    ['notify.payment evidence.notify', (order) => notify(order)],
    [
      'attempt.paid order.review order.stuck event.order.review',
      (order) => {
        const late = { ...paid(order), ...NOT_PAID, state: 'review', reviewReason: 'late_payment' } as const;
        return projectOrder(database.db, { ...late, stuckReason: 'review' }, LATER);
      },
    ],
    [
      'order.paid order.unstuck event.order.paid',
      (order) =>
        projectOrder(
          database.db,
          { ...paid(order), reviewReason: null, stuckReason: null, foundBy: 'operator' },
          LATER,
        ),
    ],
  ],
};

const NOT_PAID = { paidAttempt: null, paidFen: fen(0), payerFen: fen(0), paidAtMs: null } as const;

const refundOf = ({ refunds: [refund] }: OrderRecord) => {
  if (refund === undefined) throw new Error('the refund is there');
  return refund;
};

test.each(Object.entries(STORIES))(
  'a timeline read again has the same lines, and new ones below: %s',
  async (_, steps) => {
    const order = await database.place();
    let read = await timelineOf(order);
    for (const [told, step] of steps) {
      await step(await standing(database.db, order));
      const now = await timelineOf(order);
      expectNeverBack(now);
      expect(now.slice(0, read.length)).toEqual(read);
      const kinds = now.slice(read.length).map(({ kind }) => kind);
      expect(kinds.join(' ')).toBe(told);
      read = now;
    }
  },
);

const expectNeverBack = (entries: readonly TimelineEntry[]): void => {
  const times = entries.map(({ at }) => at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
};

test('what writers with clocks of their own say is told at the time of one clock, and never goes back', async () => {
  const began = Date.now();
  const [early, late] = [new Date(began - 3_600_000), new Date(began + 3_600_000)];
  const order = await database.place({ createdAt: late });
  await call(order, 'query', late);
  await notify(order);
  await act(order, { action: 'recheck', at: early }, 'asked');
  await call(order, 'query', early, 'paid');
  await projectOrder(database.db, paid(await standing(database.db, order)), late);
  const [event] = await listEvents(database.db, order);
  await deliver(database.db, event?.id ?? '', { at: early, ...delivered });

  const entries = await timelineOf(order);

  expectNeverBack(entries);
  expect(entries.length).toBeGreaterThan(8);
  const hour = (entry: TimelineEntry): number => Math.round((entry.at.getTime() - began) / 3_600_000);
  expect(entries.map(hour)).toEqual(entries.map(() => 0));
});

test('of lines whose numbers and times disagree the number counts, and the time does not go back', async () => {
  const order = await database.place();
  for (const [at, kind] of [
    [seconds(5), 'order.one'],
    [seconds(4), 'order.two'],
    [seconds(6), 'order.three'],
  ] as const)
    await database.connection.sql`
      insert into timeline (mchid, order_no, at, source, kind, subject)
      values (${order.mchid}, ${order.orderNo}, ${at.toISOString()}, 'paysaga', ${kind}, ${order.orderNo})`;
  const [, ...told] = await timelineOf(order);
  expect(told.map(({ kind, at }) => [kind, at])).toEqual([
    ['order.one', seconds(5)],
    ['order.two', seconds(5)],
    ['order.three', seconds(6)],
  ]);
});

test('a line of the timeline can neither be changed nor removed', async () => {
  const order = await paidOrder(database);
  const { sql } = database.connection;
  await expect(sql`update timeline set outcome = 'x' where order_no = ${order.orderNo}`).rejects.toThrow(
    'never changed',
  );
  await expect(sql`delete from timeline where order_no = ${order.orderNo}`).rejects.toThrow('never changed');
});

test('of very many calls the newest are told, and first how many are left out', async () => {
  const order = await database.place();
  await database.connection.sql`
    insert into gateway_calls (mchid, order_no, out_trade_no, api, at, known_at, outcome, duration_ms)
    select ${order.mchid}, ${order.orderNo}, ${order.orderNo}, 'query', now(),
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

test('what happened in one millisecond stays in the order in which it became known', async () => {
  const order = await database.place({ createdAt: LATER });
  await act(order, { action: 'recheck' }, 'asked');
  await call(order, 'query', LATER);
  await projectOrder(database.db, projectionOf(order, { ...paid(order), stuckReason: 'review' }), LATER);

  const kinds = await kindsOf(order);

  expect(kinds).toEqual([
    'order.created',
    'action.recheck',
    'answer.recheck',
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
