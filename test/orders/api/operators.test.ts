import { beforeEach, describe, expect, it } from 'vitest';
import { recordGatewayCall } from '../../../src/orders/store/gateway-call.js';
import { receiveNotify } from '../../../src/inbox/store/receive.js';
import { projectOrder } from '../../../src/orders/store/projection.js';
import { TemporalUnavailable } from '../../../src/temporal/call.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { closed, orderNo, paid } from '../../db/fixtures.js';
import { moveRefund } from '../../refunds/api/refund-steps.js';
import type { FakeNotify } from '../../http/support/fake-gateway.js';
import { json, MCHID, OTHER_MCHID, problemCode, textWith, useTestApp } from '../../http/support/test-app.js';

const test = useTestApp();

let operator = '';
beforeEach(async () => {
  operator = (await test.operatorKey()).key;
});

const call = (path: string, body?: unknown, key = operator) =>
  test.send(body === undefined ? 'GET' : 'POST', path, { key, ...(body === undefined ? {} : { body }) });

const actions = (number: string) =>
  test.connection
    .sql`select action, parameters, reason, actor, outcome from operator_actions where order_no = ${number}`;

describe('recheck', () => {
  it('asks the order to look again and keeps who asked and why', async () => {
    const number = await test.placeOrder();
    const answer = await call(`/v1/orders/${number}/recheck`, { reason: 'the payer shows a receipt' });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({ orderNo: number, state: 'awaitingPayment' });
    expect(test.orders.callsOf('recheck')).toEqual([{ mchid: MCHID, orderNo: number }]);
    expect(await actions(number)).toMatchObject([
      {
        action: 'recheck',
        reason: 'the payer shows a receipt',
        actor: textWith(/^Li Lei \([0-9a-f-]{36}\)$/),
        outcome: 'asked',
      },
    ]);
  });

  it('asks about the refunds that are under way, and no other', async () => {
    const number = await test.placePaidOrder();
    for (const n of [1, 2, 3, 4]) {
      const body = { refundNo: `O-${number}-${n}`, amountFen: 1 };
      await test.send('POST', `/v1/orders/${number}/refunds`, { body });
    }
    await moveRefund(test, `O-${number}-1`, { state: 'succeeded', succeededAtMs: test.clock.now.getTime() });
    await moveRefund(test, `O-${number}-2`, { state: 'rejected' });
    await moveRefund(test, `O-${number}-3`, { state: 'abnormal' });
    test.refunds.calls.length = 0;
    expect((await call(`/v1/orders/${number}/recheck`, { reason: 'x' })).status).toBe(200);
    expect(test.refunds.callsOf('recheck')).toEqual([
      { mchid: MCHID, outRefundNo: `O-${number}-3` },
      { mchid: MCHID, outRefundNo: `O-${number}-4` },
    ]);
    test.clock.now = new Date(test.clock.now.getTime() + 6_000);
    test.refunds.answers.recheck = () => Promise.reject(new TemporalUnavailable());
    expect((await call(`/v1/orders/${number}/recheck`, { reason: 'x' })).status).toBe(503);
  });

  it('is one question until WeChat Pay has been asked, whoever asks it, and one more after that', async () => {
    const number = await test.placeOrder();
    const ask = () => call(`/v1/orders/${number}/recheck`, { reason: 'x' });
    const asked = () => test.orders.callsOf('recheck').length;
    const before = asked();
    for (let times = 0; times < 3; times += 1) expect((await ask()).status).toBe(200);
    expect(asked() - before).toBe(1);
    expect(await actions(number)).toHaveLength(3);
    const at = test.clock.now;
    const query = {
      mchid: MCHID,
      orderNo: orderNo(number),
      outTradeNo: nthOutTradeNo(orderNo(number), 1),
      at,
    } as const;
    await recordGatewayCall(test.connection.db, { ...query, api: 'query', outcome: 'ok', durationMs: 1, nextAt: null });
    await ask();
    expect(asked() - before).toBe(2);
    test.clock.now = new Date(test.clock.now.getTime() + 6_000);
    await ask();
    expect(asked() - before).toBe(3);
  });

  it.each([{}, { reason: '' }, { reason: 'x'.repeat(501) }, { reason: 'a\u0007b' }, { reason: 'x', until: 'now' }])(
    'needs a reason and nothing else: %j',
    async (body) => {
      const number = await test.placeOrder();
      expect((await call(`/v1/orders/${number}/recheck`, body)).status).toBe(400);
      expect(test.orders.callsOf('recheck')).toEqual([]);
    },
  );

  it('that did not reach Temporal is repeated under the same record', async () => {
    const number = await test.placeOrder();
    test.orders.answers.recheck = () => Promise.reject(new TemporalUnavailable());
    expect((await call(`/v1/orders/${number}/recheck`, { reason: 'x' })).status).toBe(503);
    test.orders.answers = {};
    expect((await call(`/v1/orders/${number}/recheck`, { reason: 'x' })).status).toBe(200);
    expect(await actions(number)).toHaveLength(1);
  });
});

describe('extend', () => {
  const extend = (number: string, until: string) =>
    call(`/v1/orders/${number}/extend`, { until, reason: 'bank is slow' });

  it('moves the deadline to at most 7 days after creation', async () => {
    const number = await test.placeOrder();
    const answer = await extend(number, '2026-03-08T18:00:00+08:00');
    expect(answer.status).toBe(200);
    expect(test.orders.callsOf('extendDeadline')).toEqual([
      {
        mchid: MCHID,
        orderNo: number,
        requestId: textWith(/^[0-9a-f-]{36}$/),
        until: new Date('2026-03-08T10:00:00Z'),
      },
    ]);
    expect(await actions(number)).toMatchObject([
      {
        action: 'extend',
        parameters: { until: '2026-03-08T10:00:00.000Z' },
        reason: 'bank is slow',
        outcome: 'extended',
      },
    ]);
  });

  it.each(['2026-03-08T10:00:00.001Z', '2026-03-01T10:00:00Z', '2026-02-28T10:00:00Z', 'tomorrow', '2026-03-02'])(
    'refuses %s',
    async (until) => {
      const number = await test.placeOrder();
      const answer = await extend(number, until);
      expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
      expect(test.orders.callsOf('extendDeadline')).toEqual([]);
    },
  );

  it('refuses an order that has ended, before it asks and after', async () => {
    const until = '2026-03-02T00:00:00Z';
    const number = await test.placeOrder();
    test.orders.answers.extendDeadline = async () => {
      await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
      return 'not_open';
    };
    expect(await problemCode(await extend(number, until))).toBe('order_closed');
    expect(await problemCode(await extend(number, until))).toBe('order_closed');
    expect(test.orders.callsOf('extendDeadline')).toHaveLength(1);

    const other = await test.placeOrder();
    await projectOrder(test.connection.db, paid(await test.load(other)), test.clock.now);
    expect(await problemCode(await extend(other, until))).toBe('order_not_payable');
  });

  it('answers outcome_pending when the order does not answer in time', async () => {
    const number = await test.placeOrder();
    test.orders.answers.extendDeadline = () => Promise.resolve('pending');
    const answer = await extend(number, '2026-03-02T00:00:00Z');
    expect([answer.status, await problemCode(answer)]).toEqual([503, 'outcome_pending']);
    await projectOrder(test.connection.db, closed(await test.load(number)), test.clock.now);
    expect(await problemCode(await extend(number, '2026-03-02T00:00:00Z'))).toBe('order_closed');
    expect(await test.actionsOf(number)).toMatchObject([{ action: 'extend', outcome: 'not_open' }]);
  });
});

describe('the inbox', () => {
  type Row = { id: string; status: string; outTradeNo: string };
  let sequence = 0;
  const receive = (outTradeNo: string, mchid = MCHID) => {
    sequence += 1;
    return receiveNotify(test.connection.db, {
      mchid,
      protocol: 'v3',
      kind: 'payment',
      eventType: 'TRANSACTION.SUCCESS',
      key: `key-${sequence}`,
      outTradeNo,
      serialNo: 'PUB_KEY_ID_1',
      rawBody: Buffer.from('raw-canary'),
      headers: { 'wechatpay-nonce': 'nonce-canary' },
      evidence: {
        transactionId: `tx-${sequence}`,
        mchid,
        appid: 'wxnative',
        tradeType: 'NATIVE',
        totalFen: 1200,
        currency: 'CNY',
      },
      receivedAt: new Date(test.clock.now.getTime() + sequence),
    });
  };

  it('lists notifies newest first, by status and page, without their raw bytes', async () => {
    const number = await test.placeOrder();
    const matched = await receive(number);
    const unmatched = await receive('B-9999999');
    const answer = await call('/v1/inbox?limit=2');
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).not.toContain('canary');
    const page = JSON.parse(text) as { items: Row[] };
    expect(page.items.map((row) => row.id)).toEqual([unmatched.id, matched.id]);
    expect(page.items[1]).toEqual({
      id: matched.id,
      mchid: MCHID,
      protocol: 'v3',
      kind: 'payment',
      eventType: 'TRANSACTION.SUCCESS',
      originalType: null,
      key: matched.key,
      status: 'verified',
      outTradeNo: number,
      outRefundNo: null,
      orderNo: number,
      transactionId: textWith(/^tx-/),
      amountFen: 1200,
      serialNo: 'PUB_KEY_ID_1',
      receivedAt: matched.receivedAt.toISOString(),
      signalledAt: null,
      deliveries: 1,
    });
    const filtered = await json<{ items: Row[] }>(await call('/v1/inbox?status=unmatched'));
    expect(filtered.items.every((row) => row.status === 'unmatched')).toBe(true);
    expect(filtered.items[0]?.id).toBe(unmatched.id);
    const first = await json<{ nextCursor: string }>(await call('/v1/inbox?limit=1'));
    const next = await json<{ items: Row[] }>(await call(`/v1/inbox?limit=1&cursor=${first.nextCursor}`));
    expect(next.items[0]?.id).toBe(matched.id);
    expect((await call('/v1/inbox?cursor=x')).status).toBe(400);
    expect((await call('/v1/inbox?status=lost')).status).toBe(400);
  });

  const receiveOther = (notify: FakeNotify) =>
    receiveNotify(test.connection.db, {
      mchid: MCHID,
      protocol: 'v3',
      kind: 'other',
      eventType: 'COMPLAINT.CREATE',
      key: notify.key,
      outTradeNo: null,
      serialNo: 'PUB_KEY_ID_1',
      rawBody: Buffer.from(JSON.stringify(notify)),
      headers: {},
      evidence: { originalType: 'complaint' },
      receivedAt: test.clock.now,
    });

  it('shows what is of another kind by what happened, and delivers it once this version understands it', async () => {
    const number = await test.placeOrder();
    const row = await receiveOther({ key: 'other-1', outTradeNo: number });
    const page = await json<{ items: Row[] }>(await call('/v1/inbox?status=unsupported'));
    expect(page.items).toMatchObject([
      {
        ...{ id: row.id, kind: 'other', status: 'unsupported', eventType: 'COMPLAINT.CREATE' },
        ...{ originalType: 'complaint', outTradeNo: null, orderNo: null, amountFen: null, signalledAt: null },
      },
    ]);
    const answer = await call(`/v1/inbox/${row.id}/redrive`, { reason: 'after the upgrade' });
    expect([answer.status, await json(answer)]).toMatchObject([
      200,
      { id: row.id, kind: 'payment', status: 'signalled', outTradeNo: number, orderNo: number, amountFen: 1200 },
    ]);
    expect(test.orders.callsOf('deliverEvidence')).toMatchObject([
      { orderNo: number, evidence: { source: 'notify', outTradeNo: number, transactionId: 'tx-other-1' } },
    ]);
    expect(await actions(number)).toMatchObject([{ action: 'redrive', reason: 'after the upgrade' }]);
  });

  it('of another kind that was repeated to a version that understood it is that row', async () => {
    const number = await test.placeOrder();
    const row = await receiveOther({ key: `key-${sequence + 1}`, outTradeNo: number });
    const twin = await receive(number);
    const answer = await call(`/v1/inbox/${row.id}/redrive`, { reason: 'x' });
    expect([answer.status, await json(answer)]).toMatchObject([200, { id: twin.id, status: 'signalled' }]);
  });

  it('of another kind stays so while this version does not understand it', async () => {
    const row = await receiveOther({ key: 'other-2', outTradeNo: 'x', unsupported: true });
    const answer = await call(`/v1/inbox/${row.id}/redrive`, { reason: 'x' });
    expect([answer.status, await problemCode(answer)]).toEqual([409, 'notify_unsupported']);
    const page = await json<{ items: Row[] }>(await call('/v1/inbox?status=unsupported'));
    expect(page.items.map(({ id }) => id)).toContain(row.id);
  });

  it('of another kind that turns out to be for an order nobody knows is unmatched from then on', async () => {
    const row = await receiveOther({ key: 'other-3', outTradeNo: 'B-7654321' });
    const answer = await call(`/v1/inbox/${row.id}/redrive`, { reason: 'x' });
    expect([answer.status, await problemCode(answer)]).toEqual([404, 'order_not_found']);
    const page = await json<{ items: Row[] }>(await call('/v1/inbox?status=unmatched'));
    expect(page.items.find(({ id }) => id === row.id)).toMatchObject({ outTradeNo: 'B-7654321' });
  });

  it('is redriven: the order is told again, and who asked is kept', async () => {
    const number = await test.placeOrder();
    const row = await receive(number);
    const answer = await call(`/v1/inbox/${row.id}/redrive`, { reason: 'the worker was down' });
    expect(answer.status).toBe(200);
    expect(await json(answer)).toMatchObject({
      id: row.id,
      status: 'signalled',
      signalledAt: '2026-03-01T10:00:00.000Z',
    });
    expect(test.orders.callsOf('deliverEvidence')).toEqual([
      { mchid: MCHID, orderNo: number, evidence: { ...row.evidence, source: 'notify', outTradeNo: number } },
    ]);
    expect(await actions(number)).toMatchObject([
      {
        action: 'redrive',
        reason: 'the worker was down',
        parameters: { inboxId: row.id },
        actor: textWith(/^Li Lei/),
        outcome: 'signalled',
      },
    ]);
  });

  it('is redriven again when it was signalled before, and then says that the money was settled', async () => {
    const row = await receive(await test.placeOrder());
    await call(`/v1/inbox/${row.id}/redrive`, { reason: 'once' });
    test.orders.answers.deliverEvidence = () => Promise.resolve('duplicate');
    const answer = await call(`/v1/inbox/${row.id}/redrive`, { reason: 'twice' });
    expect(await json(answer)).toMatchObject({ status: 'duplicate' });
  });

  it('cannot be redriven where no order fits, without a reason, or for another merchant', async () => {
    const unmatched = await receive('B-9999998');
    const noOrder = await call(`/v1/inbox/${unmatched.id}/redrive`, { reason: 'x' });
    expect([noOrder.status, await problemCode(noOrder)]).toEqual([404, 'order_not_found']);
    const foreign = await receive('B-9999997', OTHER_MCHID);
    for (const id of [foreign.id, 'x', '00000000-0000-4000-8000-000000000000']) {
      const answer = await call(`/v1/inbox/${id}/redrive`, { reason: 'x' });
      expect([answer.status, await problemCode(answer)]).toEqual([404, 'not_found']);
    }
    expect((await call(`/v1/inbox/${unmatched.id}/redrive`, {})).status).toBe(400);
    expect(test.orders.callsOf('deliverEvidence')).toEqual([]);
  });
});

it.each<[string, unknown]>([
  ['/v1/orders/A-100001/recheck', { reason: 'x' }],
  ['/v1/orders/A-100001/extend', { until: '2026-03-02T00:00:00Z', reason: 'x' }],
  ['/v1/orders/A-100001/resolve', { action: 'accept', reason: 'x' }],
  ['/v1/refunds/R-1/resolve', { action: 'reissue', reason: 'x' }],
  ['/v1/events/00000000-0000-4000-8000-000000000000/resend', { reason: 'x' }],
  ['/v1/orders/A-100001/timeline', undefined],
  ['/v1/search?number=A-100001', undefined],
  ['/v1/inbox', undefined],
  ['/v1/inbox/00000000-0000-4000-8000-000000000000/redrive', { reason: 'x' }],
])("a merchant's key may not call %s", async (path, body) => {
  const answer = await call(path, body, test.merchantKey);
  expect([answer.status, await problemCode(answer)]).toEqual([403, 'forbidden']);
});
