import { expect, test } from 'vitest';
import { projectRefund } from '../../src/refunds/store/projection.js';
import { reserveReturn } from '../../src/refunds/store/reserve.js';
import type { RefundProjection } from '../../src/refunds/rules/state.js';
import type { RefundRecord } from '../../src/refunds/rules/record.js';
import { fileDatabase } from './database.js';
import { fen, LATER, outTradeNo } from './fixtures.js';
import { moved, paidOrder, refundNo, refundProjection, reserved, standing, succeeded } from './refunds.js';

const database = fileDatabase();
const AFTER = new Date('2026-03-01T12:00:00.000Z');

const project = (refund: RefundRecord, change: Partial<RefundProjection>, now = LATER) =>
  projectRefund(database.db, refundProjection(refund, change), now);

async function refundOf(amount = 500): Promise<{ refund: RefundRecord; stands: () => ReturnType<typeof standing> }> {
  const order = await paidOrder(database);
  const refund = await reserved(database.db, order, { amountFen: fen(amount) });
  return { refund, stands: () => standing(database.db, order) };
}

test.each<[string, Partial<RefundProjection>, object]>([
  ['processing holds', { state: 'processing', refundId: '5030' }, { refundingFen: 500, refundedFen: 0 }],
  ['succeeded keeps', succeeded(), { refundingFen: 0, refundedFen: 500 }],
  ['rejected frees', { state: 'rejected' }, { refundingFen: 0, refundedFen: 0 }],
  ['closed frees', { state: 'closed' }, { refundingFen: 0, refundedFen: 0 }],
  ['abnormal holds', { state: 'abnormal' }, { refundingFen: 500, refundedFen: 0 }],
])('a refund that is %s its money, and the order shows it in one new version', async (_what, change, sums) => {
  const { refund, stands } = await refundOf();
  const before = await stands();

  const answer = await project(refund, change);

  const after = await stands();
  expect(answer).toMatchObject({ applied: true, refund: change.state === undefined ? {} : { state: change.state } });
  expect(after).toMatchObject({ version: before.version + 1, attempts: [sums], refunds: [answer.refund] });
});

test('an abnormal refund that was paid by hand keeps its money and says how', async () => {
  const { refund, stands } = await refundOf();
  const abnormal = await moved(database.db, refund, { state: 'abnormal', refundId: '5030' });

  const paid = await moved(database.db, abnormal, { ...succeeded(AFTER), offline: true });

  expect(paid).toMatchObject({ state: 'succeeded', offline: true, succeededAt: AFTER });
  expect(await stands()).toMatchObject({ stuckReason: null, attempts: [{ refundingFen: 0, refundedFen: 500 }] });
});

test('the same projection again is applied and changes nothing', async () => {
  const { refund, stands } = await refundOf();
  const first = await project(refund, succeeded());
  const after = await stands();

  const again = await project(refund, succeeded(), AFTER);

  expect(again).toEqual({ ...first, before: 'succeeded' });
  expect(await stands()).toEqual(after);
});

test.each<[string, Partial<RefundProjection>, Partial<RefundProjection>]>([
  ['processing after succeeded', succeeded(), { state: 'processing' }],
  ['rejected after processing', { state: 'processing' }, { state: 'rejected' }],
  ['succeeded after closed', { state: 'closed' }, succeeded()],
  ['requested after abnormal', { state: 'abnormal' }, { state: 'requested' }],
  ['paid by hand after succeeded', succeeded(), { ...succeeded(), offline: true }],
  ['another refund of the same number', { state: 'processing', refundId: '5030' }, { state: 'closed', refundId: '1' }],
])('%s is refused: the row knows better', async (_what, first, late) => {
  const { refund, stands } = await refundOf();
  const standingRefund = await moved(database.db, refund, first);
  const before = await stands();

  const answer = await project(refund, late, AFTER);

  expect(answer).toMatchObject({ applied: false, refund: standingRefund });
  expect(await stands()).toEqual(before);
});

test('a refund keeps when it succeeded and what WeChat Pay calls it, whatever is written later', async () => {
  const { refund } = await refundOf();
  const first = await moved(database.db, refund, succeeded());

  const again = await project(refund, { state: 'succeeded', refundId: null, succeededAtMs: AFTER.getTime() });

  expect(again).toMatchObject({ applied: true, refund: first });
});

test('a refund in trouble shows on its order since it began, and is forgotten when it ends', async () => {
  const { refund, stands } = await refundOf();
  const begun = await moved(database.db, refund, { trouble: 'merchant_balance' });
  const stuck = await stands();
  await project(begun, { trouble: 'merchant_balance' }, AFTER);
  const still = await stands();
  await moved(database.db, begun, { ...succeeded(), trouble: 'merchant_balance' });

  expect(stuck).toMatchObject({ stuckReason: 'merchant_balance', stuckSince: LATER, ownStuckReason: null });
  expect(still).toEqual(stuck);
  expect(await stands()).toMatchObject({ stuckReason: null, stuckSince: null, refunds: [{ trouble: null }] });
});

test('a refund of ours that came to nothing is trouble, one of the shop is not', async () => {
  const order = await paidOrder(database);
  await moved(database.db, await reserved(database.db, order), { state: 'rejected' });
  const afterShops = await standing(database.db, order);
  const ref = {
    mchid: order.mchid,
    orderNo: order.orderNo,
    outTradeNo: outTradeNo(order),
    cause: 'operator',
    now: LATER,
  } as const;
  const ours = await reserveReturn(database.db, ref);
  if (ours.kind !== 'reserved') throw new Error(ours.kind);
  await moved(database.db, ours.refund, { state: 'rejected' });

  expect(afterShops.stuckReason).toBeNull();
  expect(await standing(database.db, order)).toMatchObject({ stuckReason: 'refund_failed', stuckSince: LATER });
});

test('of contradicting ends at once exactly one wins and both hear what stands', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { refund, stands } = await refundOf();

    const answers = await Promise.all([project(refund, succeeded()), project(refund, { state: 'closed' })]);

    const [stored] = (await stands()).refunds;
    expect(answers.map((answer) => answer.applied).sort()).toEqual([false, true]);
    for (const answer of answers) expect(answer.refund).toEqual(stored);
  }
});

test('a refund that nobody reserved cannot be projected', async () => {
  const { refund } = await refundOf();
  const stranger = { ...refundProjection(refund), outRefundNo: refundNo('stranger') };

  await expect(projectRefund(database.db, stranger, LATER)).rejects.toThrow(/never reserved/);
});
