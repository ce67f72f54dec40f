import { beforeEach, describe, expect, it } from 'vitest';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { closed } from '../../db/fixtures.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { json, MCHID, OTHER_MCHID, problemCode, useTestApp } from '../../http/support/test-app.js';
import { loadRefundToApply } from '../../../src/refunds/store/source.js';
import { outRefundNo } from '../../channels/support/values.js';
import { moveRefund } from '../../refunds/api/refund-steps.js';

const test = useTestApp();

let sequence = 0;
const newRefund = (amountFen: number, change: Record<string, unknown> = {}) => {
  sequence += 1;
  return { refundNo: `W-${sequence}`, amountFen, reason: 'goods sent back', ...change };
};
type Asked = ReturnType<typeof newRefund>;

let asker = '';
let other = '';
beforeEach(async () => {
  test.withApprovalAbove(500);
  asker = await test.person('Li Lei');
  other = await test.person('Han Meimei');
});

type Options = { readonly key?: string; readonly mchid?: string };
const ask = (number: string, body: Asked, key?: string) =>
  test.send('POST', `/v1/orders/${number}/refunds`, { body, ...(key === undefined ? {} : { key }) });
const list = async (query = '', key?: string) =>
  (
    await json<{ items: Record<string, unknown>[] }>(
      await test.send('GET', `/v1/approvals${query}`, key === undefined ? {} : { key }),
    )
  ).items;
const decide = (id: string, decision: string, { key = other, mchid }: Options = {}) =>
  test.send('POST', `/v1/approvals/${id}${mchid === undefined ? '' : `?mchid=${mchid}`}`, {
    body: { decision, reason: 'looked at it' },
    key,
  });
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];

async function waiting(amountFen = 800, key?: string): Promise<{ number: string; body: Asked; id: string }> {
  const number = await test.placePaidOrder();
  const body = newRefund(amountFen);
  const answer = await ask(number, body, key);
  expect(answer.status).toBe(202);
  return { number, body, id: String((await json(answer))['approvalId']) };
}

describe('a refund above what the merchant lets pass', () => {
  it('is not begun: it is answered 202, holds no money, and waits', async () => {
    const { number, body, id } = await waiting();
    const order = await test.load(number);
    expect(order.refunds).toEqual([]);
    expect(order.attempts[0]).toMatchObject({ refundingFen: 0 });
    expect(test.refunds.calls).toEqual([]);
    expect(await json(await test.send('GET', `/v1/refunds/${body.refundNo}`))).toEqual({
      ...{ refundNo: body.refundNo, orderNo: number, mchid: MCHID, amountFen: 800, reason: 'goods sent back' },
      ...{ state: 'approval_pending', approvalId: id, createdAt: '2026-03-01T10:00:00.000Z', decidedAt: null },
    });
    expect(await list('?status=pending')).toContainEqual(
      expect.objectContaining({ id, status: 'pending', askedBy: 'shop', askedByName: null, decidedByName: null }),
    );
  });

  it('is the same for an equal body, and a conflict for another', async () => {
    const { number, body, id } = await waiting();
    const again = await ask(number, body);
    expect([again.status, (await json(again))['approvalId']]).toEqual([202, id]);
    expect(await refusalOf(await ask(number, { ...body, amountFen: 801 }))).toEqual([409, 'refund_conflict']);
    expect(await refusalOf(await ask(number, { ...body, amountFen: 100 }))).toEqual([409, 'refund_conflict']);
    expect(await refusalOf(await ask(await test.placePaidOrder(), body))).toEqual([409, 'refund_conflict']);
    expect((await list()).filter(({ refundNo }) => refundNo === body.refundNo)).toHaveLength(1);
  });

  it('begins as it was asked for, account and goods too', async () => {
    const goods = { merchantGoodsId: 'tea', unitPriceFen: 1200, refundAmountFen: 800, refundQuantity: 1 };
    const source = { fundsAccount: 'AVAILABLE', goodsDetail: [goods] };
    const number = await test.placePaidOrder();
    const body = newRefund(800, source);
    const { approvalId } = await json(await ask(number, body));
    expect((await decide(String(approvalId), 'approve')).status).toBe(200);
    const ref = { mchid: MCHID, outRefundNo: outRefundNo(body.refundNo) };
    expect(await loadRefundToApply(test.connection.db, ref)).toMatchObject({ amountFen: 800, source });
  });

  it('is looked at as any other before it waits', async () => {
    const number = await test.placePaidOrder();
    expect(await refusalOf(await ask(number, newRefund(1_201)))).toEqual([422, 'refund_exceeds_paid']);
    expect(await refusalOf(await ask(await test.placeOrder(), newRefund(800)))).toEqual([409, 'order_not_paid']);
  });

  it('may not be split: what was asked for and not approved counts together', async () => {
    const number = await test.placePaidOrder();
    expect((await ask(number, newRefund(300))).status).toBe(201);
    expect((await ask(number, newRefund(200))).status).toBe(201);
    const third = await ask(number, newRefund(1));
    expect(third.status).toBe(202);
    const { approvalId } = await json(third);
    expect((await decide(String(approvalId), 'approve')).status).toBe(200);
    // What was approved is over with; the 500 that nobody approved stay.
    expect((await ask(number, newRefund(1))).status).toBe(202);
  });

  it('does not count what came to nothing or was rejected', async () => {
    const number = await test.placePaidOrder();
    const first = newRefund(400);
    await ask(number, first);
    await moveRefund(test, first.refundNo, { state: 'rejected' });
    const second = await ask(number, newRefund(501));
    expect(second.status).toBe(202);
    await decide(String((await json(second))['approvalId']), 'reject');
    expect((await ask(number, newRefund(500))).status).toBe(201);
  });

  it('needs none where the merchant has set nothing', async () => {
    test.reset();
    expect((await ask(await test.placePaidOrder(), newRefund(1_200))).status).toBe(201);
  });

  it('is found by its number, before and after', async () => {
    const { number, body, id } = await waiting();
    const found = async () =>
      (await json<{ items: unknown[] }>(await test.send('GET', `/v1/search?number=${body.refundNo}`, { key: other })))
        .items;
    const hit = { found: 'refund', mchid: MCHID, orderNo: number };
    expect(await found()).toMatchObject([hit]);
    await decide(id, 'approve');
    expect(await found()).toMatchObject([hit]);
  });

  it('is shown by the order: what waits, who can act, and how', async () => {
    test.withoutEndpoint(MCHID);
    const { number, body, id } = await waiting();
    const { explain } = await json<{ explain: Record<string, unknown> }>(
      await test.send('GET', `/v1/orders/${number}`),
    );
    expect(explain).toMatchObject({ waitingFor: 'approval', actor: 'operator', since: '2026-03-01T10:00:00.000Z' });
    expect(explain['commands']).toContain(`paysaga approve ${id} --mchid ${MCHID} --reason ''`);
    expect(JSON.stringify(explain['text'])).toContain(body.refundNo);
  });
});

describe('whoever approves', () => {
  it('begins the refund as any other, under its number', async () => {
    const { number, body, id } = await waiting(800, asker);
    const answer = await decide(id, 'approve');
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({
      ...{ id, status: 'approved', askedBy: 'operator', askedByName: 'Li Lei', decidedByName: 'Han Meimei' },
      ...{ decisionReason: 'looked at it', decidedAt: '2026-03-01T10:00:00.000Z' },
    });
    expect(test.refunds.callsOf('start')).toEqual([{ mchid: MCHID, outRefundNo: body.refundNo }]);
    expect((await test.load(number)).attempts[0]).toMatchObject({ refundingFen: 800 });
    const again = await ask(number, body);
    expect([again.status, (await json(again))['state']]).toEqual([200, 'requested']);
    expect(await json(await test.send('GET', `/v1/refunds/${body.refundNo}`))).toMatchObject({ state: 'requested' });
  });

  it('is another person: neither the same key nor the same name', async () => {
    const { id } = await waiting(800, asker);
    expect(await refusalOf(await decide(id, 'approve', { key: asker }))).toEqual([403, 'own_approval']);
    const second = await test.person('Li Lei');
    expect(await refusalOf(await decide(id, 'reject', { key: second }))).toEqual([403, 'own_approval']);
    expect(await list('?status=approved')).not.toContainEqual(expect.objectContaining({ id }));
    expect((await decide(id, 'approve')).status).toBe(200);
  });

  it('is an operator who may act, of this merchant', async () => {
    const { id } = await waiting();
    const { key: otherMerchants } = await test.newKey('operator', [OTHER_MCHID], 'Jim');
    const readOnly = await test.person('Lucy', { role: 'readOnly' });
    expect(await refusalOf(await decide(id, 'approve', { key: test.merchantKey }))).toEqual([403, 'forbidden']);
    expect(await refusalOf(await decide(id, 'approve', { key: readOnly }))).toEqual([403, 'forbidden']);
    expect(await refusalOf(await decide(id, 'approve', { key: otherMerchants }))).toEqual([404, 'approval_not_found']);
    expect(await refusalOf(await decide('nonsense', 'approve'))).toEqual([404, 'approval_not_found']);
    expect(await list('?status=pending', readOnly)).toContainEqual(expect.objectContaining({ id }));
  });

  it('decides once: the same again is known, the other is too late', async () => {
    const { id } = await waiting();
    expect((await decide(id, 'reject')).status).toBe(200);
    expect((await decide(id, 'reject', { key: asker })).status).toBe(200);
    expect(await refusalOf(await decide(id, 'approve', { key: asker }))).toEqual([409, 'approval_final']);
    expect(test.refunds.calls).toEqual([]);
  });

  it('meets all checks again, and what is refused waits on', async () => {
    const { number, id } = await waiting();
    test.reset();
    expect((await ask(number, newRefund(600))).status).toBe(201);
    expect(await refusalOf(await decide(id, 'approve'))).toEqual([422, 'refund_exceeds_paid']);
    expect(await list('?status=pending')).toContainEqual(expect.objectContaining({ id }));
    expect((await test.load(number)).refunds).toHaveLength(1);
    expect((await decide(id, 'reject')).status).toBe(200);
  });

  it('meets a payment that has grown too old meanwhile', async () => {
    const { number, id } = await waiting();
    await test.connection.sql`update attempts set paid_at = '2024-01-01T00:00:00Z' where order_no = ${number}`;
    expect(await refusalOf(await decide(id, 'approve'))).toEqual([422, 'refund_too_old']);
  });

  it('is heard while Temporal is away: the refund is there for the sweeper', async () => {
    const { number, id } = await waiting();
    test.refunds.answers.start = () => Promise.reject(new TemporalUnavailable());
    expect((await decide(id, 'approve')).status).toBe(200);
    expect((await test.load(number)).refunds).toMatchObject([{ state: 'requested' }]);
  });
});

describe('a rejected refund', () => {
  it('never begins, and its number says so', async () => {
    const { number, body, id } = await waiting();
    expect((await decide(id, 'reject')).status).toBe(200);
    const again = await ask(number, body);
    expect([again.status, await json(again)]).toMatchObject([200, { state: 'approval_rejected', approvalId: id }]);
    expect(await json(await test.send('GET', `/v1/refunds/${body.refundNo}`))).toMatchObject({
      ...{ state: 'approval_rejected', decidedAt: '2026-03-01T10:00:00.000Z' },
    });
    expect((await test.load(number)).refunds).toEqual([]);
    expect(test.refunds.calls).toEqual([]);
  });
});

describe('at the same moment', () => {
  it('two who approve begin one refund', async () => {
    const { number, id } = await waiting();
    const third = await test.person('Jim Green');
    const answers = await Promise.all([decide(id, 'approve'), decide(id, 'approve', { key: third })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [first, second] = await Promise.all(answers.map((answer) => json(answer)));
    expect(first?.['decidedByName']).toBe(second?.['decidedByName']);
    expect((await test.load(number)).refunds).toHaveLength(1);
  });

  it('one who approves and one who rejects: one is heard', async () => {
    const { number, id } = await waiting();
    const third = await test.person('Jim Green');
    const answers = await Promise.all([decide(id, 'approve'), decide(id, 'reject', { key: third })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [approval] = (await list()).filter((it) => it['id'] === id);
    expect((await test.load(number)).refunds).toHaveLength(approval?.['status'] === 'approved' ? 1 : 0);
  });

  it('an equal ask and an approval make one refund', async () => {
    const { number, body, id } = await waiting();
    const answers = await Promise.all([ask(number, body), decide(id, 'approve'), ask(number, body)]);
    expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true);
    expect((await test.load(number)).refunds).toHaveLength(1);
    expect((await test.load(number)).attempts[0]).toMatchObject({ refundingFen: 800 });
  });

  it('many equal asks wait once', async () => {
    const number = await test.placePaidOrder();
    const body = newRefund(900);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(number, body)));
    const ids = await Promise.all(answers.map(async (answer) => (await json(answer))['approvalId']));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
    expect(new Set(ids).size).toBe(1);
  });

  it('many parts do not pass together what one may not', async () => {
    const number = await test.placePaidOrder();
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(number, newRefund(200))));
    const begun = answers.filter(({ status }) => status === 201);
    expect(begun).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(4);
  });
});

describe('what is kept of it', () => {
  const actionsOf = (number: string) => test.connection.sql<{ action: string; outcome: string }[]>`
    select action, parameters, reason, outcome from operator_actions where order_no = ${number} order by seq`;

  it("the shop's ask is the shop's, and each decision is a person's", async () => {
    const { number, body, id } = await waiting();
    await decide(id, 'approve');
    expect(await actionsOf(number)).toMatchObject([
      { action: 'refund', outcome: 'approval_pending', parameters: { refundNo: body.refundNo } },
      { action: 'approve', outcome: 'approved', reason: 'looked at it', parameters: { approvalId: id } },
    ]);
    const key = await test.person('Jim Green');
    const { items } = await json<{ items: Record<string, unknown>[] }>(
      await test.send('GET', `/v1/orders/${number}/timeline`, { key }),
    );
    const lines = items.filter(({ kind }) => /refund|approve/.test(String(kind)));
    expect(lines.map(({ kind, source, outcome }) => [kind, source, outcome])).toEqual([
      ['action.refund', 'shop', null],
      ['answer.refund', 'paysaga', 'approval_pending'],
      ['action.approve', 'person', null],
      ['refund.requested', 'shop', null],
      ['answer.approve', 'paysaga', 'approved'],
    ]);
    expect(lines.map(({ subject }) => subject)).toEqual(Array.from({ length: 5 }, () => body.refundNo));
  });

  it('a decision that was refused, too', async () => {
    const { number, id } = await waiting(800, asker);
    await decide(id, 'approve', { key: asker });
    await decide(id, 'reject');
    await decide(id, 'approve');
    expect((await actionsOf(number)).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['refund', 'approval_pending'],
      ['approve', 'own_approval'],
      ['reject', 'rejected'],
      ['approve', 'approval_final'],
    ]);
  });
});

describe('the list', () => {
  it('is paged, newest first', async () => {
    const ids = [];
    for (let n = 0; n < 3; n += 1) {
      test.clock.now = new Date(test.clock.now.getTime() + 1_000);
      ids.unshift((await waiting()).id);
    }
    const first = await json<{ items: { id: string }[]; nextCursor: string }>(
      await test.send('GET', '/v1/approvals?limit=2'),
    );
    const next = await json<{ items: { id: string }[] }>(
      await test.send('GET', `/v1/approvals?limit=2&cursor=${first.nextCursor}`),
    );
    expect([...first.items, ...next.items].map(({ id }) => id).slice(0, 3)).toEqual(ids);
    expect(await refusalOf(await test.send('GET', '/v1/approvals?cursor=nonsense'))).toEqual([400, 'invalid_request']);
  });
});

it('an order that was closed has nothing to wait for', async () => {
  const number = await test.placeOrder();
  await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
  expect(await refusalOf(await ask(number, newRefund(800)))).toEqual([409, 'order_not_paid']);
});
