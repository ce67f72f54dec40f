import { beforeEach, describe, expect, it } from 'vitest';
import { projectOrder } from '../../src/orders/store/projection.js';
import type { OrderSnapshot } from '../../src/timeline/rules/entry.js';
import { served } from '../../src/entries/served.js';
import { startIngress } from '../../src/http/start.js';
import { TemporalUnavailable } from '../../src/temporal/call.js';
import { closed } from '../db/fixtures.js';
import { moveRefund } from '../refunds/api/refund-steps.js';
import { json, problemCode, textWith, useTestApp } from '../http/support/test-app.js';

const test = useTestApp();

let operator = '';
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
});

type Action = {
  action: string;
  reason: string | null;
  actor: string;
  outcome: string | null;
  parameters: Record<string, unknown>;
  before: OrderSnapshot;
  after: OrderSnapshot | null;
};

const actionsOf = (number: string) =>
  test.connection.sql<Action[]>`
    select action, reason, actor, outcome, parameters, before, after from operator_actions
    where order_no = ${number} order by requested_at, id`;
const post = (path: string, body?: unknown, key = operator) =>
  test.send('POST', path, { key, ...(body === undefined ? {} : { body }) });
const aMomentPasses = (): void => {
  test.clock.now = new Date(test.clock.now.getTime() + 1);
};
const closeNow = async (number: string): Promise<void> => {
  await projectOrder(test.connection.db, closed(await test.load(number), 'cancelled'), test.clock.now);
};

describe('what is asked of an order', () => {
  it('is kept with the order as it stood before, and as it stands once there is an answer', async () => {
    const number = await test.placeOrder();
    test.orders.answers.close = () => Promise.resolve('pending');
    await post(`/v1/orders/${number}/close`, { reason: 'sold out' });
    expect(await actionsOf(number)).toMatchObject([
      { action: 'close', outcome: null, before: { state: 'awaitingPayment', version: 2 }, after: null },
    ]);
    test.orders.answers.close = async () => {
      await closeNow(number);
      return 'closed';
    };
    await post(`/v1/orders/${number}/close`, { reason: 'sold out' });
    expect(await actionsOf(number)).toMatchObject([
      {
        action: 'close',
        reason: 'sold out',
        actor: textWith(/^Li Lei/),
        outcome: 'closed',
        before: { state: 'awaitingPayment', closedReason: null },
        after: { state: 'closed', closedReason: 'cancelled', version: 3 },
      },
    ]);
  });

  it('is kept by its own name and reason, also by who joins what another has under way', async () => {
    const number = await test.placeOrder();
    test.orders.answers.close = () => Promise.resolve('pending');
    await post(`/v1/orders/${number}/close`, undefined, test.merchantKey);
    aMomentPasses();
    await post(`/v1/orders/${number}/close`, { reason: 'sold out' });
    expect(await actionsOf(number)).toMatchObject([
      { actor: textWith(/^[0-9a-f-]{36}$/), reason: null, outcome: null },
      { actor: textWith(/^Li Lei/), reason: 'sold out', outcome: 'joined' },
    ]);
  });
});

describe('a close', () => {
  const closes = (number: string) => `/v1/orders/${number}/close`;

  it('needs no body, no content type and no reason, over the wire too', async () => {
    const ingress = await startIngress(test.deps(), served, { port: 0, host: '127.0.0.1' });
    const Authorization = `Bearer ${operator}`;
    const announced = { 'Content-Type': 'application/json' };
    const requests: { headers?: Record<string, string>; body?: string }[] = [
      {},
      { headers: announced },
      { headers: announced, body: '' },
      { headers: announced, body: '{}' },
    ];
    for (const { headers, ...request } of requests) {
      const number = await test.placeOrder();
      const init = { method: 'POST', ...request, headers: { Authorization, ...headers } };
      expect((await fetch(`${ingress.url}${closes(number)}`, init)).status).toBe(202);
      expect(await actionsOf(number)).toMatchObject([{ action: 'close', reason: null }]);
    }
    await ingress.close(1_000);
  });

  it.each([{ reason: '' }, { reason: null }, { reason: 'x'.repeat(501) }, { why: 'x' }, '[]', '{"reason":'])(
    'is not asked with %j',
    async (body) => {
      const number = await test.placeOrder();
      const answer = await post(closes(number), body);
      expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
      expect(await actionsOf(number)).toEqual([]);
    },
  );

  it('whose reason is not announced as JSON is refused, and the reason is not lost', async () => {
    const number = await test.placeOrder();
    const headers = { 'Content-Type': 'text/plain' };
    const answer = await test.send('POST', closes(number), { key: operator, body: '{"reason":"x"}', headers });
    expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
  });
});

describe('a refund', () => {
  const body = (number: string, change = {}) => ({
    refundNo: `A-${number}`,
    amountFen: 500,
    reason: 'cold',
    ...change,
  });

  it('that an operator asks for is kept with its number, amount and reason, and what it did', async () => {
    const number = await test.placePaidOrder();
    expect((await post(`/v1/orders/${number}/refunds`, body(number))).status).toBe(201);
    expect(await actionsOf(number)).toMatchObject([
      {
        action: 'refund',
        actor: textWith(/^Li Lei/),
        reason: 'cold',
        outcome: 'requested',
        parameters: { refundNo: `A-${number}`, amountFen: 500, reason: 'cold' },
        before: { refundingFen: 0, refund: null },
        after: { refundingFen: 500, refund: { refundNo: `A-${number}`, state: 'requested' } },
      },
    ]);
    await moveRefund(test, `A-${number}`, { state: 'succeeded', succeededAtMs: test.clock.now.getTime() });
    aMomentPasses();
    expect((await post(`/v1/orders/${number}/refunds`, body(number))).status).toBe(200);
    expect((await actionsOf(number)).at(1)).toMatchObject({
      outcome: 'repeated',
      before: { refundedFen: 500, refund: { state: 'succeeded' } },
    });
  });

  it('that is refused is kept, too', async () => {
    const number = await test.placePaidOrder();
    const answer = await post(`/v1/orders/${number}/refunds`, body(number, { amountFen: 1_201 }));
    expect([answer.status, await problemCode(answer)]).toEqual([422, 'refund_exceeds_paid']);
    expect(await actionsOf(number)).toMatchObject([{ action: 'refund', outcome: 'refund_exceeds_paid' }]);
    expect((await post('/v1/orders/A-9999999/refunds', body('A-9999999'))).status).toBe(404);
  });

  it('that the shop asks for is no action of a person, and both mean the same refund', async () => {
    const number = await test.placePaidOrder();
    expect((await post(`/v1/orders/${number}/refunds`, body(number), test.merchantKey)).status).toBe(201);
    expect(await actionsOf(number)).toEqual([]);
    expect((await post(`/v1/orders/${number}/refunds`, body(number))).status).toBe(200);
    expect((await test.load(number)).refunds).toHaveLength(1);
  });

  it('a hundred times at once is made once and kept a hundred times', async () => {
    const number = await test.placePaidOrder();
    const asked = body(number, { reason: undefined });
    await Promise.all(Array.from({ length: 100 }, () => post(`/v1/orders/${number}/refunds`, asked)));
    const outcomes = (await actionsOf(number)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'requested')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(99);
  });

  it('that is decided, and an event that is told again, are kept with what became of them', async () => {
    const number = await test.placePaidOrder();
    await post(`/v1/orders/${number}/refunds`, body(number), test.merchantKey);
    await moveRefund(test, `A-${number}`, { state: 'abnormal' });
    test.refunds.answers.resolve = async () => {
      await moveRefund(test, `A-${number}`, { state: 'processing' });
      return 'resolved';
    };
    await post(`/v1/refunds/A-${number}/resolve`, { action: 'abnormalRefund', reason: 'card is gone' });
    const order = await json<{ events: { id: string }[] }>(await test.send('GET', `/v1/orders/${number}`));
    const id = order.events[0]?.id ?? '';
    await test.connection.sql`update merchant_events set status = 'exhausted' where id = ${id}`;
    aMomentPasses();
    await post(`/v1/events/${id}/resend`, { reason: 'the shop is back' });
    expect(await actionsOf(number)).toMatchObject([
      {
        action: 'abnormalRefund',
        before: { refund: { state: 'abnormal' } },
        after: { refund: { state: 'processing' } },
      },
      { action: 'resend', before: { event: { id, status: 'exhausted' } }, after: { event: { id, status: 'pending' } } },
    ]);
  });
});

it('what could not be asked stays open, and is finished by a repeat', async () => {
  const number = await test.placeOrder();
  test.orders.answers.recheck = () => Promise.reject(new TemporalUnavailable());
  await post(`/v1/orders/${number}/recheck`, { reason: 'x' });
  expect(await actionsOf(number)).toMatchObject([{ outcome: null, before: { version: 2 }, after: null }]);
  test.orders.answers = {};
  await post(`/v1/orders/${number}/recheck`, { reason: 'x' });
  expect(await actionsOf(number)).toMatchObject([{ outcome: 'asked', after: { version: 2 } }]);
});
