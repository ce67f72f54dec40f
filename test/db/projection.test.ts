import { expect, test } from 'vitest';
import { recordPrepayOpened } from '../../src/orders/store/prepay.js';
import { reserveAttempt } from '../../src/orders/store/attempt.js';
import { loadOrder } from '../../src/orders/store/order.js';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderProjection } from '../../src/orders/rules/projection.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { fileDatabase } from './database.js';
import { closed, fen, LATER, outTradeNo, paid, projectionOf } from './fixtures.js';

const database = fileDatabase();
const AFTER = new Date('2026-03-01T11:00:00.000Z');

const project = (projection: OrderProjection, now = LATER) => projectOrder(database.db, projection, now);
const codes = { codeUrl: 'weixin://wxpay/bizpayurl?pr=1', prepayId: null, h5Url: null };

async function awaitingPayment(): Promise<OrderRecord> {
  const { mchid, orderNo } = await database.place();
  await recordPrepayOpened(database.db, {
    mchid,
    orderNo,
    outTradeNo: outTradeNo({ orderNo }),
    codes,
    codeExpiresAt: AFTER,
    now: LATER,
  });
  return stands({ mchid, orderNo });
}

async function stands(ref: Pick<OrderRecord, 'mchid' | 'orderNo'>): Promise<OrderRecord> {
  const record = await loadOrder(database.db, ref);
  if (record === undefined) throw new Error('the order is there');
  return record;
}

async function paidOrder(): Promise<OrderRecord> {
  return (await project(paid(await awaitingPayment()))).record;
}

test('a paid order has the money of the attempt that paid it', async () => {
  const record = await awaitingPayment();

  const answer = await project(paid(record, '4200001'));

  expect(answer.applied).toBe(true);
  expect(answer.record).toMatchObject({
    state: 'paid',
    version: record.version + 1,
    paidAttempt: record.orderNo,
    paidFen: 1_200,
    paidAt: LATER,
    attempts: [{ state: 'succeeded', transactionId: '4200001', paidFen: 1_200, codeUrl: codes.codeUrl }],
  });
  expect(await stands(record)).toEqual(answer.record);
});

test('the same projection again is applied and changes nothing', async () => {
  const record = await awaitingPayment();
  const first = await project(paid(record));

  const again = await project(paid(record), AFTER);

  expect(again).toEqual({ ...first, before: 'paid', found: null });
  expect(await stands(record)).toEqual(first.record);
});

test('what readers do not see is written without a new version', async () => {
  const record = await awaitingPayment();
  const attempts = projectionOf(record).attempts.map((attempt) => ({ ...attempt, prepayUnknown: true }));

  const answer = await project(projectionOf(record, { attempts }));

  expect(answer.record.version).toBe(record.version);
  expect((await stands(record)).attempts[0]?.prepayUnknown).toBe(true);
});

test('a late awaitingPayment after paid changes nothing and answers what stands', async () => {
  const record = await awaitingPayment();
  const late = projectionOf(record, { stuckReason: 'gateway_unreachable' });
  const first = await project(paid(record));
  const standing = first.record;

  const answer = await project(late, AFTER);

  expect(answer).toEqual({ ...first, applied: false, before: 'paid', found: null });
  expect(await stands(record)).toEqual(standing);
});

test('what began to close goes on closing: a run that does not know of it changes nothing, and hears it', async () => {
  const record = await awaitingPayment();
  const closing = await project(projectionOf(record, { ending: 'cancelled' }));
  expect(closing.record).toMatchObject({ ending: 'cancelled', version: record.version + 1 });

  for (const ending of [null, 'expired'] as const) {
    const late = projectionOf(record, { ending, stuckReason: 'gateway_unreachable' });
    expect(await project(late, AFTER)).toMatchObject({ applied: false, record: closing.record });
  }

  const found = await project({ ...paid(closing.record), ending: null }, AFTER);
  expect(found).toMatchObject({ applied: true, record: { state: 'paid', ending: null } });
});

test('a closed order is not closing any more', async () => {
  const { record } = await project(projectionOf(await awaitingPayment(), { ending: 'expired' }));
  expect((await project({ ...closed(record), ending: null })).record).toMatchObject({ state: 'closed', ending: null });
});

test('an attempt that may not move keeps the whole projection out', async () => {
  const standing = await paidOrder();
  const attempts = projectionOf(standing).attempts.map((attempt) => ({ ...attempt, state: 'open' as const }));

  const answer = await project(projectionOf(standing, { stuckReason: 'refund_failed', attempts }), AFTER);

  expect(answer).toMatchObject({ applied: false, record: standing });
  expect(await stands(standing)).toEqual(standing);
});

test.each<[string, Partial<OrderProjection>]>([
  ['another amount', { paidFen: fen(1_300) }],
  ['no attempt', { paidAttempt: null }],
])('a paid order refuses to be paid by %s', async (_what, change) => {
  const standing = await paidOrder();

  expect(await project(projectionOf(standing, change))).toMatchObject({ applied: false, record: standing });
});

test('a paid order keeps when it was paid and by how much of the payer, whatever is written later', async () => {
  const standing = await paidOrder();

  const answer = await project(projectionOf(standing, { paidAtMs: AFTER.getTime(), stuckReason: 'shop_unreachable' }));

  expect(answer.applied).toBe(true);
  expect(answer.record).toEqual({
    ...standing,
    version: standing.version + 1,
    ownStuckReason: 'shop_unreachable',
    stuckReason: 'shop_unreachable',
    stuckSince: LATER,
  });
});

test.each<[string, Partial<OrderProjection['attempts'][number]>]>([
  ['another transaction', { transactionId: 'another' }],
  ['another amount', { paidFen: fen(1) }],
])('an attempt that succeeded refuses %s', async (_what, change) => {
  const standing = await paidOrder();
  const attempts = projectionOf(standing).attempts.map((attempt) => ({ ...attempt, ...change }));

  expect(await project(projectionOf(standing, { attempts }))).toMatchObject({ applied: false, record: standing });
});

test('a closed order keeps its reason and its time', async () => {
  const { record: standing } = await project(closed(await awaitingPayment(), 'expired'));

  const sameReason = await project({ ...closed(standing, 'expired'), closedAtMs: AFTER.getTime() });
  const otherReason = await project(closed(standing, 'cancelled'));

  expect(sameReason).toMatchObject({ applied: true, record: standing });
  expect(otherReason).toMatchObject({ applied: false, record: standing });
});

test('money found after closing makes the order paid, and it still tells that it had been closed', async () => {
  const { record: standing } = await project(closed(await awaitingPayment()));

  const answer = await project(paid(standing));

  expect(answer.applied).toBe(true);
  expect(answer.record).toMatchObject({ state: 'paid', closedReason: 'expired', closedAt: LATER, paidFen: 1_200 });
  expect(await stands(standing)).toEqual(answer.record);
});

test('a review may change its reason, and drops it when it is left', async () => {
  const record = await awaitingPayment();
  const doubted = await project(projectionOf(record, { state: 'review', reviewReason: 'evidence_conflict' }));
  const refunded = await project(projectionOf(doubted.record, { reviewReason: 'refunded_elsewhere' }));
  const left = await project({ ...paid(refunded.record), reviewReason: 'refunded_elsewhere' });

  expect(doubted.record).toMatchObject({ state: 'review', reviewReason: 'evidence_conflict' });
  expect(refunded).toMatchObject({ applied: true, record: { reviewReason: 'refunded_elsewhere' } });
  expect(left).toMatchObject({ applied: true, record: { state: 'paid', reviewReason: null } });
});

test('an order is stuck since its reason was last another one', async () => {
  const record = await awaitingPayment();

  const stuck = await project(projectionOf(record, { stuckReason: 'gateway_unreachable' }), LATER);
  const still = await project(projectionOf(stuck.record), AFTER);
  const other = await project(projectionOf(record, { stuckReason: 'merchant_config' }), AFTER);
  const well = await project(projectionOf(record), AFTER);

  expect(stuck.record).toMatchObject({ stuckReason: 'gateway_unreachable', stuckSince: LATER });
  expect(still.record).toEqual(stuck.record);
  expect(other.record).toMatchObject({ stuckReason: 'merchant_config', stuckSince: AFTER });
  expect(well.record).toMatchObject({ stuckReason: null, stuckSince: null, version: record.version + 3 });
});

test('fulfilment moves as the domain allows, and any other move keeps the whole projection out', async () => {
  const order = await paidOrder();

  const early = await project(projectionOf(order, { fulfilment: 'rejected' }));
  const pending = await project(projectionOf(order, { fulfilment: 'pending' }));
  const done = await project(projectionOf(pending.record, { fulfilment: 'fulfilled' }));
  const late = await project(projectionOf(done.record, { fulfilment: 'pending', stuckReason: 'review' }));

  expect(early).toMatchObject({ applied: false, record: { fulfilment: 'none', version: order.version } });
  expect(pending).toMatchObject({ applied: true, record: { fulfilment: 'pending', version: order.version + 1 } });
  expect(done).toMatchObject({ applied: true, record: { fulfilment: 'fulfilled', version: order.version + 2 } });
  expect(late).toMatchObject({ applied: false, record: done.record });
  expect(await stands(order)).toEqual(done.record);
});

test('when something is left to do is written without a new version, also when it is nothing any more', async () => {
  const order = await paidOrder();

  const due = await project(projectionOf(order, { dueAtMs: AFTER.getTime() }));
  const written = await stands(order);
  const done = await project(projectionOf(order, { dueAtMs: null }));

  expect([due.record, written]).toEqual([
    { ...order, dueAt: AFTER },
    { ...order, dueAt: AFTER },
  ]);
  expect([done.record, await stands(order)]).toEqual([order, order]);
});

test('an attempt keeps when its payer paid', async () => {
  const order = await paidOrder();
  const attempts = projectionOf(order).attempts.map((attempt) => ({ ...attempt, paidAtMs: AFTER.getTime() }));

  const answer = await project(projectionOf(order, { attempts }));

  expect(order.attempts[0]?.paidAt).toEqual(LATER);
  expect(answer).toMatchObject({ applied: true, record: order });
});

test('a trade that turns out to be open counts as one whose code somebody holds', async () => {
  const record = await database.place();
  const attempts = projectionOf(record).attempts.map((attempt) => ({ ...attempt, state: 'open' as const }));

  const answer = await project(projectionOf(record, { state: 'awaitingPayment', attempts }));

  expect(answer.record.attempts[0]).toMatchObject({ state: 'open', codeGiven: true, codeUrl: null });
  expect(await stands(record)).toEqual(answer.record);
});

test.each(Array.from({ length: 20 }, (_, index) => index))(
  'of paid and closed at once exactly one wins and both hear what stands (%i)',
  async () => {
    const record = await awaitingPayment();

    const [asPaid, asClosed] = await Promise.all([project(paid(record)), project(closed(record))]);

    const standing = await stands(record);
    expect(asPaid.applied).toBe(!asClosed.applied);
    expect([asPaid.record, asClosed.record]).toEqual([standing, standing]);
    expect(standing.state).toBe(asPaid.applied ? 'paid' : 'closed');
    expect(standing.version).toBe(record.version + 1);
  },
);

test('money projected by a run that does not know the order closed changes nothing, and the run hears what stands', async () => {
  const record = await awaitingPayment();
  const { record: standing } = await project(closed(record));

  expect(await project(paid(record))).toMatchObject({ applied: false, record: standing });
  expect(await stands(record)).toEqual(standing);
});

test('of two payments at once exactly one makes the order paid, and the other hears which', async () => {
  const record = await awaitingPayment();

  const answers = await Promise.all([project(paid(record, 'one')), project(paid(record, 'two'))]);

  const standing = await stands(record);
  expect(answers.map((answer) => answer.applied).sort()).toEqual([false, true]);
  for (const answer of answers) expect(answer.record).toEqual(standing);
});

test('equal projections at once make one version', async () => {
  const record = await awaitingPayment();

  const answers = await Promise.all(Array.from({ length: 20 }, () => project(paid(record))));

  const standing = await stands(record);
  const [first] = answers;
  expect(standing.version).toBe(record.version + 1);
  for (const answer of answers)
    expect(answer).toMatchObject({ applied: true, record: standing, events: first?.events });
  // One of them moved it, so that it is counted once.
  expect(answers.filter((answer) => answer.before === 'awaitingPayment')).toHaveLength(1);
});

test('an attempt that was reserved and never told fails with the end of its order', async () => {
  const before = await awaitingPayment();
  const { mchid, orderNo } = before;
  const terms = { product: 'native', appid: 'wxd678efh567hg6787', openid: null, clientIp: null, h5Type: null } as const;
  await reserveAttempt(database.db, { mchid, orderNo, ...terms, attemptKey: 'second', bodyHash: 'second' });
  const reserved = await stands(before);
  expect((await project(projectionOf(before))).record.attempts[1]).toMatchObject({ state: 'preparing' });

  const { record } = await project(paid(before));

  expect(record.attempts[1]).toMatchObject({ number: 2, state: 'failed' });
  expect(record.version).toBe(reserved.version + 1);
  expect(await stands(before)).toEqual(record);
});

test('what found the money is written once, with the money', async () => {
  const record = await awaitingPayment();
  const { record: found } = await project({ ...paid(record), foundBy: 'notify' });
  expect(found.foundBy).toBe('notify');

  await project({ ...paid(record), foundBy: 'poll' });

  expect((await stands(record)).foundBy).toBe('notify');
  const unpaid = await awaitingPayment();
  await expect(project({ ...projectionOf(unpaid), foundBy: 'poll' })).rejects.toMatchObject({
    code: 'database_refused',
    constraint: 'orders_found_is_paid',
  });
});
