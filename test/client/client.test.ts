import { describe, expect, it } from 'vitest';
import { NoAnswerError, PaySagaError } from '../../src/client/client.js';
import { clientOf, cutOff, json, problem } from './support/answers.js';

const ORDER = { orderNo: 'A-1001', amountFen: 1, description: 'tea', product: 'native' } as const;
const done = json(201, { orderNo: 'A-1001' });
const page = (items: readonly string[], nextCursor: string | null) =>
  json(200, { items: items.map((orderNo) => ({ orderNo })), nextCursor });

describe('a call', () => {
  it('goes where the document says: path, query and body from one object', async () => {
    const { client, seen } = await clientOf([json(201, { refundNo: 'R-1' }), json(200, { orderNo: 'A-1' })]);
    const refund = { orderNo: 'A@1', mchid: '1900000001', refundNo: 'R-1', amountFen: 200 };
    expect(await client.createRefund(refund)).toEqual({ refundNo: 'R-1' });
    await client.syncOrder({ orderNo: 'A-1' });
    expect(seen[0]).toMatchObject({
      ...{
        method: 'POST',
        url: '/v1/orders/A%401/refunds?mchid=1900000001',
        body: '{"refundNo":"R-1","amountFen":200}',
      },
      headers: { authorization: 'Bearer key', 'content-type': 'application/json', accept: 'application/json' },
    });
    expect(seen[1]).toMatchObject({ method: 'POST', url: '/v1/orders/A-1/sync', body: '' });
    expect(seen[1]?.headers).not.toHaveProperty('content-type');
  });

  it.each([
    ['no answer', cutOff],
    ['429', problem(429, 'rate_limited')],
    ['503', problem(503, 'outcome_pending')],
    ["a proxy's 502", json(502, 'bad gateway')],
    ['a close that is too early', problem(409, 'close_too_early')],
  ])('is repeated as it was after %s', async (_, say) => {
    const { client, seen, pauses } = await clientOf([say, say, done]);
    expect(await client.createOrder(ORDER)).toEqual({ orderNo: 'A-1001' });
    expect(seen.map(({ body }) => body)).toEqual(Array(3).fill(JSON.stringify(ORDER)));
    expect(pauses).toEqual([250, 500]);
  });

  it.each([400, 401, 404, 409, 422, 500])('is not repeated after %i', async (status) => {
    const { client, seen } = await clientOf([problem(status, 'order_conflict'), done]);
    await expect(client.createOrder(ORDER)).rejects.toThrow(PaySagaError);
    expect(seen).toHaveLength(1);
  });

  it('waits as long as it is told, and not at all where that takes too long', async () => {
    const told = await clientOf([problem(503, 'unavailable', 7), done]);
    await told.client.createOrder(ORDER);
    expect(told.pauses).toEqual([7_000]);
    const { client, seen, pauses } = await clientOf([problem(409, 'close_too_early', 240), done]);
    await expect(client.createOrder(ORDER)).rejects.toMatchObject({ code: 'close_too_early' });
    expect([seen.length, pauses]).toEqual([1, []]);
    await client.createOrder(ORDER, { totalMs: 300_000 });
  });

  it('ends after so many tries, or so long', async () => {
    const { client, seen, pauses } = await clientOf([problem(503, 'unavailable')], { tries: 3 });
    await expect(client.createOrder(ORDER)).rejects.toMatchObject({ code: 'unavailable', status: 503 });
    expect([seen.length, pauses]).toEqual([3, [250, 500]]);
    await expect(client.createOrder(ORDER, { tries: 99, totalMs: 1_000 })).rejects.toThrow(PaySagaError);
    expect(pauses.slice(2)).toEqual([250, 500]);
  });

  it('that makes something new each time is repeated only where nothing was done', async () => {
    const bulk = { action: 'hold', filter: {}, reason: 'x', dryRun: false } as const;
    const lost = await clientOf([cutOff, json(202, { id: '1' })]);
    await expect(lost.client.startBulk(bulk)).rejects.toThrow(NoAnswerError);
    const busy = await clientOf([problem(429, 'rate_limited'), json(202, { id: '1' })]);
    expect(await busy.client.startBulk(bulk)).toEqual({ id: '1' });
  });

  it('ends with the reason of its signal, and a try that takes too long is one without an answer', async () => {
    const { client, pauses } = await clientOf([() => undefined]);
    const stop = new AbortController();
    const reason = new Error('enough');
    const call = client.createOrder(ORDER, { signal: stop.signal });
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(client.createOrder(ORDER, { timeoutMs: 20, tries: 2 })).rejects.toThrow(NoAnswerError);
    // Tried twice, whether or not a slow machine's server heard of it.
    expect(pauses).toHaveLength(1);
  });
});

describe('an error', () => {
  it('has its code, its status and who to ask, and is narrowed by its code', async () => {
    const gateway = { status: 400, code: 'NOTENOUGH', message: '余额不足', detail: null };
    const body = {
      type: 't',
      title: 't',
      status: 422,
      code: 'charge_refused',
      detail: 'no',
      requestId: 'r-9',
      gateway,
    };
    const { client } = await clientOf([json(422, body)]);
    const error: unknown = await client.createOrder(ORDER).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      message: 'charge_refused: no',
      status: 422,
      detail: 'no',
      requestId: 'r-9',
      gateway,
    });
    expect(PaySagaError.is(error)).toBe(true);
    expect(PaySagaError.is(error, 'order_conflict')).toBe(false);
    if (!PaySagaError.is(error, 'charge_refused', 'prepay_refused')) throw new Error('another code');
    const code: 'charge_refused' | 'prepay_refused' = error.code;
    expect(code).toBe('charge_refused');
  });

  it.each([
    ['of a proxy', json(500, { error: 'oops' }), 500],
    ['that is a redirect', json(302, {}, { location: 'http://127.0.0.1:1/' }), 302],
    ['that is a success and no JSON', (response: { end(text: string): unknown }) => void response.end('<html>'), 200],
  ])("%s is no answer of PaySaga's", async (_, say, status) => {
    const { client } = await clientOf([say]);
    const error: unknown = await client.createOrder(ORDER).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ status });
    expect(String(error)).not.toContain('key');
  });
});

describe('a list', () => {
  it('is walked through page by page, each asked for when the one before is used up', async () => {
    const { client, seen } = await clientOf([page(['A', 'B'], 'c/1'), page(['C'], null)]);
    const found: string[] = [];
    for await (const { orderNo } of client.allOrders({ state: 'paid', limit: 2 })) {
      found.push(orderNo);
      if (found.length === 2) expect(seen).toHaveLength(1);
    }
    expect(found).toEqual(['A', 'B', 'C']);
    expect(seen.map(({ url }) => url)).toEqual([
      '/v1/orders?state=paid&limit=2',
      '/v1/orders?state=paid&cursor=c%2F1&limit=2',
    ]);
  });
});
