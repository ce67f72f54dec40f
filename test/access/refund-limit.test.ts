import { describe, expect, it } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import { paid, projectionOf } from '../db/fixtures.js';
import { json, problemCode, useTestApp } from '../http/support/test-app.js';
import { moveRefund, returnPayment } from '../refunds/api/refund-steps.js';

const test = useTestApp();

let sequence = 0;
const refundNo = (): string => {
  sequence += 1;
  return `L-${sequence}`;
};
const ask = (number: string, key: string, amountFen: number, no = refundNo()) =>
  test.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo: no, amountFen, reason: 'cold' }, key });
const act = (path: string, key: string, body: object) =>
  test.send('POST', `/v1/${path}`, { body: { reason: 'as agreed', ...body }, key });
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];
const ABOVE = [403, 'refund_above_limit'];
const actionsOf = async (number: string): Promise<[string, string][]> => {
  const rows = await test.connection.sql<{ action: string; outcome: string }[]>`
    select action, outcome from operator_actions where order_no = ${number} order by seq`;
  return rows.map(({ action, outcome }) => [action, outcome]);
};

describe('an operator with a limit', () => {
  it('asks for as much and no more, and is told the limit', async () => {
    const key = await test.person('Jim', { refundLimitFen: 500 });
    const number = await test.placePaidOrder();
    const refused = await ask(number, key, 501);
    expect(refused.status).toBe(403);
    expect(await json(refused)).toMatchObject({
      ...{ code: 'refund_above_limit', detail: expect.stringContaining('¥5.00') as string },
    });
    expect((await ask(number, key, 500)).status).toBe(201);
    expect(await actionsOf(number)).toEqual([
      ['refund', 'refund_above_limit'],
      ['refund', 'requested'],
    ]);
  });

  it('does not get around it by parts, also at once, nor by a second key', async () => {
    const key = await test.person('Polly', { refundLimitFen: 500 });
    const second = await test.person('Polly', { refundLimitFen: 500 });
    const number = await test.placePaidOrder();
    const answers = await Promise.all([key, second, key, second].map((each) => ask(number, each, 200)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403]);
    expect(await refusalOf(await ask(number, second, 101))).toEqual(ABOVE);
    expect((await ask(number, second, 100)).status).toBe(201);
  });

  it('begins anew with another order, and what came to nothing does not count', async () => {
    const key = await test.person('Lily', { refundLimitFen: 500 });
    const number = await test.placePaidOrder();
    const no = refundNo();
    await ask(number, key, 500, no);
    expect((await ask(await test.placePaidOrder(), key, 500)).status).toBe(201);
    await moveRefund(test, no, { state: 'rejected' });
    expect((await ask(number, key, 500)).status).toBe(201);
  });

  it('may repeat what was asked for', async () => {
    const key = await test.person('Kate', { refundLimitFen: 500 });
    const number = await test.placePaidOrder();
    const no = refundNo();
    const both = [await ask(number, key, 500, no), await ask(number, key, 500, no)];
    expect(both.map(({ status }) => status)).toEqual([201, 200]);
  });

  it('is one person: others and the shop have nothing to do with it', async () => {
    const key = await test.person('Ann', { refundLimitFen: 500 });
    const free = await test.person('Bill');
    const number = await test.placePaidOrder();
    expect((await ask(number, free, 500)).status).toBe(201);
    expect((await ask(number, test.merchantKey, 200)).status).toBe(201);
    expect((await ask(number, key, 500)).status).toBe(201);
  });

  it('approves no more either, together with what the same person asked for', async () => {
    test.withApprovalAbove(100);
    const key = await test.person('Tom', { refundLimitFen: 500 });
    const number = await test.placePaidOrder();
    const waiting = await Promise.all([400, 200].map(async (fen) => json(await ask(number, test.merchantKey, fen))));
    const [first, second] = waiting.map(({ approvalId }) => `approvals/${String(approvalId)}`);
    expect((await act(first ?? '', key, { decision: 'approve' })).status).toBe(200);
    expect(await refusalOf(await act(second ?? '', key, { decision: 'approve' }))).toEqual(ABOVE);
    expect((await act(second ?? '', key, { decision: 'reject' })).status).toBe(200);
    expect(await actionsOf(number)).toContainEqual(['approve', 'refund_above_limit']);
  });

  it('sends nothing back by a decision that is above it', async () => {
    const key = await test.person('Sam', { refundLimitFen: 500 });
    const enough = await test.person('Sue', { refundLimitFen: 1_200 });
    const number = await test.placeOrder();
    const record = await test.load(number);
    const { attempts } = paid(record);
    const review = { state: 'review', reviewReason: 'amount_mismatch', stuckReason: 'review' } as const;
    await projectOrder(test.connection.db, projectionOf(record, { ...review, attempts }), test.clock.now);
    const path = `orders/${number}/resolve`;
    expect(await refusalOf(await act(path, key, { action: 'return' }))).toEqual(ABOVE);
    expect(test.orders.callsOf('resolve')).toEqual([]);
    expect((await act(path, key, { action: 'accept' })).status).toBe(200);
    expect((await act(path, enough, { action: 'return' })).status).toBe(200);
  });

  it.each(['abnormalRefund', 'paidOffline', 'reissue'])('decides no refund above it: %s', async (action) => {
    const key = await test.person('Max', { refundLimitFen: 500 });
    const refund = await returnPayment(test, await test.placePaidOrder());
    const path = `refunds/${encodeURIComponent(refund)}/resolve`;
    expect(await refusalOf(await act(path, key, { action }))).toEqual(ABOVE);
    expect(test.refunds.callsOf('resolve')).toEqual([]);
    expect((await act(path, await test.person('Amy'), { action })).status).toBe(200);
  });

  it('rejects no fulfilment whose money is above it; the shop does', async () => {
    const key = await test.person('Eva', { refundLimitFen: 500 });
    const policy = { fulfilment: { required: true, deadlineSeconds: 3_600 } };
    const number = await test.placeOrder({ policy });
    const record = paid(await test.load(number));
    await projectOrder(test.connection.db, { ...record, fulfilment: 'pending' }, test.clock.now);
    const path = `orders/${number}/fulfilment`;
    expect(await refusalOf(await act(path, key, { outcome: 'rejected' }))).toEqual(ABOVE);
    expect((await act(path, test.merchantKey, { outcome: 'rejected' })).status).toBe(200);
  });
});
