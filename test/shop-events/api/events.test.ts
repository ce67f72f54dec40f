import { beforeEach, describe, expect, it } from 'vitest';
import { parseBillDate } from '../../../src/reconciliation/rules/day.js';
import { openDay } from '../../../src/reconciliation/store/day.js';
import { endRun } from '../../../src/reconciliation/store/end.js';
import { recordDelivery } from '../../../src/shop-events/store/delivery.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { LATER, paid, projectionOf } from '../../db/fixtures.js';
import { moveRefund } from '../../refunds/api/refund-steps.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

type EventView = { id: string; type: string; deliveredAt: string | null; deliveries: object[] };

let operator = '';
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
});

const eventsOf = async (number: string): Promise<EventView[]> =>
  (await json<{ events: EventView[] }>(await test.send('GET', `/v1/orders/${number}`))).events;
const onlyEventOf = async (number: string): Promise<EventView> => {
  const [event] = await eventsOf(number);
  if (event === undefined) throw new Error('the order has no event');
  return event;
};
const resend = (id: string, body: unknown = { reason: 'the shop lost it' }, key = operator) =>
  test.send('POST', `/v1/events/${id}/resend`, { key, body });
const refusalOf = async (answer: Response) => [answer.status, await problemCode(answer)];
const deliver = (eventId: string, status: number, at: Date, kind: 'delivered' | 'exhausted') => {
  const outcome = kind === 'delivered' ? kind : 'timeout';
  return recordDelivery(test.connection.db, { eventId, at, status, outcome, durationMs: 7, then: { kind } });
};

describe('the events of an order', () => {
  it('are shown oldest first, with their deliveries and those of its refunds', async () => {
    const number = await test.placePaidOrder();
    const refundNo = `E-${number}`;
    await test.send('POST', `/v1/orders/${number}/refunds`, { body: { refundNo, amountFen: 1 } });
    await moveRefund(test, refundNo, { state: 'succeeded', refundId: '5030', succeededAtMs: LATER.getTime() });
    const { id } = await onlyEventOf(number);
    await deliver(id, 204, LATER, 'delivered');

    const [first, second, ...others] = await eventsOf(number);

    expect(first).toEqual({
      id: textWith(/^[0-9a-f-]{36}$/),
      type: 'order.paid',
      createdAt: '2026-03-01T10:00:00.000Z',
      deliveredAt: LATER.toISOString(),
      deliveries: [{ at: LATER.toISOString(), status: 204, outcome: 'delivered' }],
    });
    expect(second).toMatchObject({ type: 'refund.succeeded', deliveredAt: null, deliveries: [] });
    expect(others).toEqual([]);
  });
});

describe('resend', () => {
  it('tells the shop again, and who asked is kept', async () => {
    const number = await test.placePaidOrder();
    const { id } = await onlyEventOf(number);
    await deliver(id, 503, LATER, 'exhausted');
    const answer = await resend(id);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toEqual({
      id,
      type: 'order.paid',
      createdAt: '2026-03-01T10:00:00.000Z',
      deliveredAt: null,
      deliveries: [{ at: LATER.toISOString(), status: 503, outcome: 'timeout' }],
    });
    expect(test.events.callsOf('resend')).toEqual([id]);
    expect(await test.actionsOf(number)).toMatchObject([
      {
        action: 'resend',
        event_id: id,
        parameters: {},
        reason: 'the shop lost it',
        actor: textWith(/^Li Lei/),
        outcome: 'resent',
      },
    ]);
  });

  it('tells also what was delivered', async () => {
    const { id } = await onlyEventOf(await test.placePaidOrder());
    await deliver(id, 200, LATER, 'delivered');
    expect(await json(await resend(id))).toMatchObject({ id, deliveredAt: LATER.toISOString() });
    expect(test.events.callsOf('resend')).toEqual([id]);
  });

  it('that does not reach Temporal is answered 503, and repeated under the same record', async () => {
    const number = await test.placePaidOrder();
    const { id } = await onlyEventOf(number);
    test.events.answers.resend = () => Promise.reject(new TemporalUnavailable());
    expect(await refusalOf(await resend(id))).toEqual([503, 'outcome_pending']);
    test.events.answers = {};
    expect((await resend(id)).status).toBe(200);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'resent' }]);
  });

  it('does not tell what is not true any more', async () => {
    const number = await test.placeOrder({ policy: { fulfilment: { required: true, deadlineSeconds: 60 } } });
    const payment = { ...paid(await test.load(number)), fulfilment: 'pending' } as const;
    await projectOrder(test.connection.db, payment, test.clock.now);
    const { id } = await onlyEventOf(number);
    const rejected = projectionOf(await test.load(number), { fulfilment: 'rejected' });
    await projectOrder(test.connection.db, rejected, test.clock.now);
    expect(await refusalOf(await resend(id))).toEqual([409, 'event_withdrawn']);
    expect(test.events.calls).toEqual([]);
    expect(await test.actionsOf(number)).toMatchObject([{ outcome: 'withdrawn' }]);
  });

  it('of a shop without an endpoint is refused, and nothing is recorded as done', async () => {
    const number = await test.placePaidOrder();
    const { id } = await onlyEventOf(number);
    test.withoutEndpoint(MCHID);
    expect(await refusalOf(await resend(id))).toEqual([409, 'event_unaddressed']);
    expect([test.events.calls, await test.actionsOf(number)]).toEqual([[], []]);
  });

  it.each(['x', '%00', '00000000-0000-4000-8000-000000000000'])('answers 404 for %s', async (id) => {
    expect(await refusalOf(await resend(id))).toEqual([404, 'event_not_found']);
  });

  it("answers 404 for another merchant's event", async () => {
    const { id } = await onlyEventOf(await test.placePaidOrder());
    const { key } = await test.newKey('operator', [OTHER_MCHID], 'Han Meimei');
    expect(await refusalOf(await resend(id, undefined, key))).toEqual([404, 'event_not_found']);
    const { key: both } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Lin Tao');
    expect(
      (await test.send('POST', `/v1/events/${id}/resend?mchid=${MCHID}`, { key: both, body: { reason: 'x' } })).status,
    ).toBe(200);
  });

  it.each([{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: 'x', at: 'now' }])(
    'is refused as %j',
    async (body) => {
      const { id } = await onlyEventOf(await test.placePaidOrder());
      expect(await refusalOf(await resend(id, body))).toEqual([400, 'invalid_request']);
      expect(test.events.calls).toEqual([]);
    },
  );

  it('is for operators', async () => {
    const { id } = await onlyEventOf(await test.placePaidOrder());
    expect(await refusalOf(await resend(id, undefined, test.merchantKey))).toEqual([403, 'forbidden']);
  });
});

describe('resend of an event of a day', () => {
  async function dayEvent(): Promise<string> {
    const date = parseBillDate('2026-02-28');
    if (!date.ok) throw new Error(date.error);
    const day = { mchid: MCHID, date: date.value };
    await openDay(test.connection.db, { ...day, askedBy: null, now: LATER });
    await test.connection.sql`update reconciliations set state = 'empty'`;
    const [id] = await endRun(test.connection.db, day, LATER);
    if (id === undefined) throw new Error('nothing is told');
    return id;
  }
  const rowOf = (id: string) => test.connection.sql`
    select status, resent_by, resend_reason from merchant_events where id = ${id}`;

  it('tells the shop again, and who asked is kept with it', async () => {
    const id = await dayEvent();
    await deliver(id, 503, LATER, 'exhausted');
    const answer = await resend(id, { reason: 'the ledger was down' });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toEqual({
      id,
      type: 'reconciliation.completed',
      createdAt: LATER.toISOString(),
      deliveredAt: null,
      deliveries: [{ at: LATER.toISOString(), status: 503, outcome: 'timeout' }],
    });
    expect(test.events.callsOf('resend')).toEqual([id]);
    expect(await rowOf(id)).toMatchObject([
      { status: 'pending', resent_by: textWith(/^Li Lei/), resend_reason: 'the ledger was down' },
    ]);
  });

  it('that does not reach Temporal is answered 503, and left to the sweeper', async () => {
    const id = await dayEvent();
    await deliver(id, 200, LATER, 'delivered');
    test.events.answers.resend = () => Promise.reject(new TemporalUnavailable());
    expect(await refusalOf(await resend(id))).toEqual([503, 'outcome_pending']);
    expect(await rowOf(id)).toMatchObject([{ status: 'pending', resend_reason: 'the shop lost it' }]);
  });

  it('is as much for operators of the merchant alone', async () => {
    const id = await dayEvent();
    const { key } = await test.newKey('operator', [OTHER_MCHID], 'Han Meimei');
    expect(await refusalOf(await resend(id, undefined, key))).toEqual([404, 'event_not_found']);
    expect(await refusalOf(await resend(id, undefined, test.merchantKey))).toEqual([403, 'forbidden']);
    expect(await rowOf(id)).toMatchObject([{ status: 'pending', resent_by: null }]);
  });
});
