import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/db/connection.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { closed, LATER, projectionOf } from '../../db/fixtures.js';
import { holdOrder } from '../../support/hold-order.js';
import { moveRefund, returnPayment, storedRefund } from './refund-steps.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

let sequence = 0;
const newRefund = (change: Record<string, unknown> = {}) => {
  sequence += 1;
  return { refundNo: `R-${sequence}`, amountFen: 500, ...change };
};
const post = (number: string, body: unknown, options: Parameters<typeof test.send>[2] = {}) =>
  test.send('POST', `/v1/orders/${number}/refunds`, { body, ...options });
const get = (refundNo: string) => test.send('GET', `/v1/refunds/${encodeURIComponent(refundNo)}`);
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];
const countOf = async (number: string): Promise<number> => (await test.load(number)).refunds.length;

describe('a refund', () => {
  it('is recorded, holds its money and is started', async () => {
    const number = await test.placePaidOrder();
    const body = newRefund({ reason: '一杯茶凉了' });

    const answer = await post(number, body);

    expect(answer.status).toBe(201);
    const refund = await json(answer);
    expect(Object.entries(refund)).toEqual(
      Object.entries({
        refundNo: body.refundNo,
        orderNo: number,
        mchid: MCHID,
        outTradeNo: number,
        amountFen: 500,
        state: 'requested',
        cause: 'shop',
        reason: '一杯茶凉了',
        refundId: null,
        channel: null,
        receivedAccount: null,
        acceptedAt: null,
        gateway: null,
        offline: false,
        createdAt: '2026-03-01T10:00:00.000Z',
        succeededAt: null,
      }),
    );
    expect(test.refunds.callsOf('start')).toEqual([{ mchid: MCHID, outRefundNo: body.refundNo }]);
    const order = await json(await test.send('GET', `/v1/orders/${number}`));
    const { refundNo, amountFen, reason } = body as typeof body & { reason: string };
    expect(order).toMatchObject({ state: 'paid', paidFen: 1200, refundingFen: 500, refundedFen: 0 });
    expect(order['refunds']).toEqual([
      {
        ...{ refundNo, outTradeNo: number, amountFen, state: 'requested', cause: 'shop', reason },
        ...{ refundId: null, channel: null, receivedAccount: null, acceptedAt: null, gateway: null },
      },
    ]);
  });

  it('of everything that is left is allowed, of one fen more is not', async () => {
    const number = await test.placePaidOrder();
    await post(number, newRefund());
    expect(await refusalOf(await post(number, newRefund({ amountFen: 701 })))).toEqual([422, 'refund_exceeds_paid']);
    expect((await post(number, newRefund({ amountFen: 700 }))).status).toBe(201);
    expect(await refusalOf(await post(number, newRefund({ amountFen: 1 })))).toEqual([422, 'refund_exceeds_paid']);
    expect(test.refunds.callsOf('start')).toHaveLength(2);
  });

  it('may be asked for again under another number once it came to nothing', async () => {
    const number = await test.placePaidOrder();
    const first = newRefund({ amountFen: 1200 });
    await post(number, first);
    await moveRefund(test, first.refundNo, { state: 'rejected' });
    expect((await post(number, newRefund({ amountFen: 1200 }))).status).toBe(201);
  });

  it('is recorded while Temporal cannot be reached, and a repeat starts it', async () => {
    const number = await test.placePaidOrder();
    const body = newRefund();
    test.refunds.answers.start = () => Promise.reject(new TemporalUnavailable());
    const answer = await post(number, body);
    expect(answer.status).toBe(201);
    expect(await json(answer)).toMatchObject({ refundNo: body.refundNo, state: 'requested' });
    const line = test.logLines.find((each) => each.includes('not brought to its workflow yet'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ outRefundNo: body.refundNo, orderNo: number, mchid: MCHID });
    test.refunds.answers = {};
    expect((await post(number, body)).status).toBe(200);
    expect(test.refunds.callsOf('start')).toHaveLength(2);
  });

  it('is not made while the database cannot be reached', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:1/nowhere', { max: 1 });
    const answer = await post(await test.placePaidOrder(), newRefund(), { deps: { connection: gone } });
    await gone.close();
    expect(await refusalOf(answer)).toEqual([503, 'unavailable']);
    expect(answer.headers.get('Retry-After')).not.toBeNull();
    expect(test.refunds.calls).toEqual([]);
  });

  it('that the database did not take in time is made by a repeat', async () => {
    const number = await test.placePaidOrder();
    const body = newRefund();
    const hasty = connect(test.databaseUrl, { max: 1 });
    await hasty.sql`set statement_timeout = 300`;
    const held = await holdOrder(test.databaseUrl, number);
    const answer = await post(number, body, { deps: { connection: hasty } });
    await held.release();
    await hasty.close();
    expect(await refusalOf(answer)).toEqual([503, 'unavailable']);
    expect(await countOf(number)).toBe(0);
    expect((await post(number, body)).status).toBe(201);
  });

  it('a hundred at once make one row, and one of them is told that it made it', async () => {
    const number = await test.placePaidOrder();
    const body = newRefund();
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(number, body)));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(99);
    expect(await countOf(number)).toBe(1);
  });
});

describe('a repeat', () => {
  it('answers 200 with the refund as it is, and starts nothing that has ended', async () => {
    const number = await test.placePaidOrder();
    const body = newRefund({ reason: 'cold' });
    await post(number, body);
    await moveRefund(test, body.refundNo, { state: 'succeeded', refundId: '5030', succeededAtMs: LATER.getTime() });
    const answer = await post(number, `{"reason":"cold", "amountFen":500, "refundNo":"${body.refundNo}"}`);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ state: 'succeeded', succeededAt: LATER.toISOString() });
    expect(test.refunds.callsOf('start')).toHaveLength(1);
  });

  it.each([
    ['amount', { amountFen: 501 }],
    ['reason', { reason: 'cold' }],
  ])('with another %s is a conflict', async (_, change) => {
    const number = await test.placePaidOrder();
    const body = newRefund();
    await post(number, body);
    expect(await refusalOf(await post(number, { ...body, ...change }))).toEqual([409, 'refund_conflict']);
    expect(test.refunds.callsOf('start')).toHaveLength(1);
  });

  it('for another order is a conflict; of another merchant it is another refund', async () => {
    const body = newRefund();
    await post(await test.placePaidOrder(), body);
    const other = await test.placePaidOrder();
    expect(await refusalOf(await post(other, body))).toEqual([409, 'refund_conflict']);
    expect(await countOf(other)).toBe(0);
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    expect(await refusalOf(await test.send('GET', `/v1/refunds/${body.refundNo}`, { key }))).toEqual([
      404,
      'refund_not_found',
    ]);
  });
});

describe('an order that has nothing to give back', () => {
  it.each(['A-9999999', 'x', 'A-1001*2', '%00'])('because there is none: %s', async (number) => {
    expect(await refusalOf(await post(number, newRefund()))).toEqual([404, 'order_not_found']);
  });

  it("because it is another merchant's", async () => {
    const { key } = await test.newKey('merchant', [OTHER_MCHID]);
    const answer = await post(await test.placePaidOrder(), newRefund(), { key });
    expect(await refusalOf(answer)).toEqual([404, 'order_not_found']);
  });

  it('because it is not paid, or was closed', async () => {
    const number = await test.placeOrder();
    expect(await refusalOf(await post(number, newRefund()))).toEqual([409, 'order_not_paid']);
    await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
    expect(await refusalOf(await post(number, newRefund()))).toEqual([409, 'order_not_paid']);
  });

  it('because it is in review', async () => {
    const number = await test.placeOrder();
    const review = projectionOf(await test.load(number), { state: 'review', reviewReason: 'amount_mismatch' });
    await projectOrder(test.connection.db, review, test.clock.now);
    expect(await refusalOf(await post(number, newRefund()))).toEqual([409, 'order_in_review']);
  });

  it('because it had fifty refunds', async () => {
    const number = await test.placePaidOrder();
    for (let n = 0; n < 50; n += 1) expect((await post(number, newRefund({ amountFen: 1 }))).status).toBe(201);
    expect(await refusalOf(await post(number, newRefund({ amountFen: 1 })))).toEqual([422, 'refund_limit_reached']);
  });

  it('because it was paid more than 365 days ago', async () => {
    const number = await test.placePaidOrder();
    test.clock.now = new Date(LATER.getTime() + 365 * 86_400_000);
    expect((await post(number, newRefund())).status).toBe(201);
    test.clock.now = new Date(test.clock.now.getTime() + 1);
    expect(await refusalOf(await post(number, newRefund()))).toEqual([422, 'refund_too_old']);
  });
});

describe('a body', () => {
  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['a list', []],
    ['nothing', ''],
    ['text that is not JSON', '{"refundNo": "secret-canary", }'],
    ['no number', newRefund({ refundNo: undefined })],
    ['an empty number', newRefund({ refundNo: '' })],
    ['a number of 65', newRefund({ refundNo: 'R'.repeat(65) })],
    ["a number like PaySaga's own", newRefund({ refundNo: 'A-1001@return' })],
    ['a number with a star', newRefund({ refundNo: 'R*2' })],
    ['a number with a letter beyond ASCII', newRefund({ refundNo: 'Ä-1' })],
    ['a number that is one', newRefund({ refundNo: 7 })],
    ['no amount', newRefund({ amountFen: undefined })],
    ['an amount of 0', newRefund({ amountFen: 0 })],
    ['a negative amount', newRefund({ amountFen: -1 })],
    ['a fraction of a fen', newRefund({ amountFen: 0.5 })],
    ['an amount as text', newRefund({ amountFen: '500' })],
    ['more than any order', newRefund({ amountFen: 1_000_000_001 })],
    ['an empty reason', newRefund({ reason: '' })],
    ['a reason of null', newRefund({ reason: null })],
    ['a reason of 81 bytes', newRefund({ reason: 'x'.repeat(81) })],
    ['a reason of 27 Chinese characters', newRefund({ reason: '茶'.repeat(27) })],
    ['a reason with a line break', newRefund({ reason: 'two\ncups' })],
    ['a reason with NUL', newRefund({ reason: 'two\u0000cups' })],
    ['a reason with half a surrogate pair', newRefund({ reason: 'two \ud83c cups' })],
    ['an unknown field', newRefund({ amount: 500 })],
  ])('of %s is refused', async (_, body) => {
    const number = await test.placePaidOrder();
    const answer = await post(number, body);
    expect(answer.status).toBe(400);
    const problem = await json<{ code: string; detail: string }>(answer);
    expect(problem.code).toBe('invalid_request');
    expect(problem.detail).toMatch(/./);
    expect(problem.detail).not.toContain('canary');
    expect(await countOf(number)).toBe(0);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a number of 64', { refundNo: 'aB_-'.repeat(16) }],
    ['a number of 1', { refundNo: '7' }],
    ['a reason of 80 bytes', { reason: `${'茶'.repeat(26)}ab` }],
    ['one fen', { amountFen: 1 }],
  ])('with %s is taken', async (_, change) => {
    expect((await post(await test.placePaidOrder(), newRefund(change))).status).toBe(201);
  });
});

describe('GET a refund', () => {
  it("answers the shop's refund", async () => {
    const body = newRefund();
    await post(await test.placePaidOrder(), body);
    const answer = await get(body.refundNo);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ refundNo: body.refundNo, amountFen: 500, cause: 'shop', reason: null });
  });

  it("answers PaySaga's own under its number, percent-encoded or not", async () => {
    const number = await test.placePaidOrder();
    const refundNo = await returnPayment(test, number);
    expect(refundNo).toBe(`${number}@return`);
    for (const path of [encodeURIComponent(refundNo), refundNo]) {
      const answer = await test.send('GET', `/v1/refunds/${path}`);
      expect(await json(answer)).toMatchObject({ refundNo, orderNo: number, amountFen: 1200, cause: 'operator' });
    }
    expect(await storedRefund(test, refundNo)).toMatchObject({ outRefundNo: refundNo });
  });

  it.each(['R-none', 'A-1001*2@return*3', 'A-1001@refund', 'x y', '%00', '..%2Fx', '%zz', 'a'.repeat(400)])(
    'answers 404 for %s',
    async (refundNo) => {
      const answer = await test.send('GET', `/v1/refunds/${refundNo}`);
      expect([answer.status, await json(answer)]).toEqual([
        404,
        expect.objectContaining({ code: 'refund_not_found', detail: textWith(/^This merchant/) }),
      ]);
    },
  );
});
