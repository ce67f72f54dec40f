import { describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connection.js';
import { json, orderBody, problemCode, textWith, useTestApp } from './support/test-app.js';

const test = useTestApp();

describe('an error answer', () => {
  it('is problem+json with the request id it also has in its header', async () => {
    const answer = await test.send('GET', '/v1/orders/A-9999999');
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
    const requestId = answer.headers.get('X-Request-Id');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await json(answer)).toEqual({
      type: 'urn:paysaga:error:order_not_found',
      title: 'There is no such order',
      status: 404,
      code: 'order_not_found',
      detail: textWith(/\w/),
      requestId,
    });
  });

  it("keeps the caller's request id if it is harmless", async () => {
    const id = async (sent: string) => {
      const answer = await test.send('GET', '/v1/orders/A-9999999', { headers: { 'X-Request-Id': sent } });
      return answer.headers.get('X-Request-Id');
    };
    expect(await id('shop-42_a')).toBe('shop-42_a');
    expect(await id('x'.repeat(65))).not.toBe('x'.repeat(65));
    expect(await id('a b;{}')).not.toBe('a b;{}');
  });

  it('for a fault of ours says nothing of it, and logs it once under the request id', async () => {
    test.orders.answers.create = () => Promise.reject(new TypeError('secret-canary is not a function'));
    const answer = await test.send('POST', '/v1/orders', { body: orderBody(test.newOrderNo()) });
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain('canary');
    expect(JSON.parse(text)).toMatchObject({ code: 'internal_error' });
    const logged = test.logLines.filter((line) => line.includes('secret-canary'));
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0] ?? '{}')).toMatchObject({
      requestId: answer.headers.get('X-Request-Id'),
      error: { name: 'TypeError', message: 'secret-canary is not a function' },
    });
  });

  it('is the same for a fault that is no error at all', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a library may do this
    test.orders.answers.create = () => Promise.reject('canary');
    const answer = await test.send('POST', '/v1/orders', { body: orderBody(test.newOrderNo()) });
    expect([answer.status, await problemCode(answer)]).toEqual([500, 'internal_error']);
  });

  it('for a database that cannot be reached is 503 with Retry-After', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:1/nowhere', { max: 1 });
    const answer = await test.send('GET', '/v1/orders', { deps: { connection: gone } });
    await gone.close();
    expect([answer.status, await problemCode(answer)]).toEqual([503, 'unavailable']);
    expect(answer.headers.get('Retry-After')).toBe('1');
  });
});

describe('a body that is said to be packed', () => {
  it.each(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'GZIP', 'identity, gzip', 'made-up'])(
    'as %s is refused, whatever is in it',
    async (encoding) => {
      const orderNo = test.newOrderNo();
      const headers = { 'Content-Encoding': encoding };
      const answer = await test.send('POST', '/v1/orders', { body: orderBody(orderNo), headers });
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
      expect([answer.status, await problemCode(answer)]).toEqual([415, 'unsupported_encoding']);
      expect((await test.send('GET', `/v1/orders/${orderNo}`)).status).toBe(404);
      expect(test.orders.calls).toEqual([]);
    },
  );

  it('is refused on pages too', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const path of ['/ops/login', '/pay/A-1000001/sync?t=x']) {
      expect((await test.send('POST', path, { key: null, body: 'key=x', headers })).status).toBe(415);
    }
  });

  it.each(['identity', 'Identity', ''])('is not packed when it says %j', async (encoding) => {
    const headers = { 'Content-Encoding': encoding };
    const answer = await test.send('POST', '/v1/orders', { body: orderBody(test.newOrderNo()), headers });
    expect(answer.status).toBe(201);
  });
});

describe('paths and methods', () => {
  it.each(['/nowhere', '/v1/nowhere', '/v1/refunds/', '/v1/orders/'])('%s is 404 in the same format', async (path) => {
    const answer = await test.send('GET', path);
    expect([answer.status, await problemCode(answer)]).toEqual([404, 'not_found']);
  });

  it.each([
    ['DELETE', '/v1/orders', 'GET, HEAD, OPTIONS, POST'],
    ['PUT', '/v1/orders/A-100001', 'GET, HEAD, OPTIONS'],
    ['GET', '/v1/orders/A-100001/close', 'OPTIONS, POST'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
  ])('%s %s is 405 and says what is allowed', async (method, path, allowed) => {
    const answer = await test.send(method, path);
    expect([answer.status, await problemCode(answer)]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.get('Allow')?.split(', ').sort().join(', ')).toBe(allowed);
  });

  it('an order that is not there is 404, not 405', async () => {
    const answer = await test.send('POST', '/v1/orders/A-9999999/close');
    expect([answer.status, await problemCode(answer)]).toEqual([404, 'order_not_found']);
  });

  it('OPTIONS says what is allowed, and nothing that a browser of another origin could use', async () => {
    const answer = await test.send('OPTIONS', '/v1/orders', {
      headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('Allow')).toBe('POST, GET, HEAD, OPTIONS');
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('HEAD is GET without its body', async () => {
    const number = await test.placeOrder();
    const answer = await test.send('HEAD', `/v1/orders/${number}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  it('carries security headers on every answer, and is never cached', async () => {
    for (const path of ['/healthz', '/v1/orders', '/nowhere', '/docs']) {
      const { headers } = await test.send('GET', path);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('X-Frame-Options')).toBe('DENY');
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
      expect(headers.get('Cache-Control')).toBe('no-store');
    }
  });
});

describe('health', () => {
  it('healthz answers as long as the process runs', async () => {
    const answer = await test.send('GET', '/healthz', { key: null });
    expect([answer.status, await json(answer)]).toEqual([200, { status: 'ok' }]);
  });

  it('readyz names each dependency', async () => {
    const answer = await test.send('GET', '/readyz', { key: null });
    expect([answer.status, await json(answer)]).toEqual([
      200,
      { status: 'ready', dependencies: { database: 'ok', temporal: 'ok' } },
    ]);
  });

  it('readyz lets an ingress without Temporal serve what needs Postgres alone', async () => {
    test.ready = () => Promise.reject(new Error('connect refused'));
    const answer = await test.send('GET', '/readyz', { key: null });
    expect([answer.status, await json(answer)]).toEqual([
      200,
      { status: 'degraded', dependencies: { database: 'ok', temporal: 'unreachable' } },
    ]);
  });

  it('readyz is 503 while the database cannot be reached', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:1/nowhere', { max: 1 });
    test.ready = () => Promise.reject(new Error('connect refused'));
    const answer = await test.send('GET', '/readyz', { key: null, deps: { connection: gone } });
    await gone.close();
    expect([answer.status, await json(answer)]).toEqual([
      503,
      { status: 'unavailable', dependencies: { database: 'unreachable', temporal: 'unreachable' } },
    ]);
  });

  it('readyz is 503 once the process is asked to stop', async () => {
    const answer = await test.send('GET', '/readyz', { key: null, deps: { draining: AbortSignal.abort() } });
    expect([answer.status, await json(answer)]).toMatchObject([503, { status: 'unavailable' }]);
  });
});

describe('the log', () => {
  it('has one line a request, with what was asked and what came of it', async () => {
    const number = await test.placeOrder();
    test.logLines.length = 0;
    await test.send('GET', `/v1/orders/${number}`);
    const missing = await test.send('GET', '/v1/orders/A-9999999');
    const lines = test.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      msg: 'request',
      method: 'GET',
      route: '/v1/orders/:orderNo',
      status: 200,
      orderNo: number,
      mchid: '1900000001',
      keyId: textWith(/^[0-9a-f-]{36}$/),
      durationMs: expect.any(Number) as unknown,
    });
    expect(lines[1]).toMatchObject({
      status: 404,
      code: 'order_not_found',
      requestId: missing.headers.get('X-Request-Id'),
    });
  });

  it('never holds a key, an openid, a body, a query or a token', async () => {
    const secret = 'canary';
    const openid = `o-${secret}`;
    const body = { product: 'jsapi', payer: { openid }, description: secret, attach: secret, metadata: { secret } };
    const number = await test.placeOrder(body);
    await test.send('POST', '/v1/orders', { body: { ...orderBody(number), ...body, amountFen: secret } });
    await test.send('POST', '/v1/orders', { body: `{"${secret}` });
    await test.send('POST', `/v1/orders/${number}/attempts`, {
      body: { product: 'jsapi', payer: { openid: `${openid}2` } },
    });
    await test.send('GET', `/v1/orders?cursor=${secret}`);
    for (const path of ['/v1/orders/', '/v1/refunds/', '/v1/events/', '/notify/wechatpay/v3/', '/pay/']) {
      await test.send('GET', `${path}${test.merchantKey}`, { headers: { 'X-Request-Id': test.merchantKey } });
    }
    await test.send('GET', `/pay/${number}?t=${secret}`, { key: null });
    await test.send('POST', '/notify/wechatpay/v3/1900000001', {
      body: { key: 'canary-key', outTradeNo: number, canary: secret },
      key: null,
      headers: { 'Wechatpay-Signature': secret },
    });
    // What an unexpected database error says is the worst place: drivers quote parameters.
    test.orders.answers.create = () => Promise.reject(new Error('Failed query: insert … params: canary'));
    await test.send('POST', '/v1/orders', { body: { ...orderBody(test.newOrderNo()), ...body } });

    const log = test.logLines.join('');
    expect(log).toContain('"status":500');
    expect(log).not.toContain(secret);
    expect(log).not.toContain(test.merchantKey);
    expect(log).not.toContain('psk_live');
  });
});
