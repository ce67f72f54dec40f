import { describe, expect, it } from 'vitest';
import { revokeApiKey } from '../../src/access/store/api-key.js';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { mchid } from '../db/fixtures.js';
import { json, MCHID, OTHER_MCHID, problemCode, useTestApp } from './support/test-app.js';

const test = useTestApp();

const list = (headers: Record<string, string>, query = '') =>
  test.send('GET', `/v1/orders${query}`, { key: null, headers });

describe('who is not let in', () => {
  it.each<[string, Record<string, string>]>([
    ['nobody', {}],
    ['an empty header', { Authorization: '' }],
    ['another scheme', { Authorization: 'Basic cGF5OnNhZ2E=' }],
    ['no key', { Authorization: 'Bearer ' }],
    ['a key nobody made', { Authorization: `Bearer psk_live_merchant_${'A'.repeat(43)}` }],
    ['text that is no key', { Authorization: 'Bearer x' }],
    ['a very long text', { Authorization: `Bearer ${'x'.repeat(8000)}` }],
  ])('%s', async (_, headers) => {
    const answer = await list(headers);
    expect(answer.status).toBe(401);
    expect(await problemCode(answer)).toBe('unauthorized');
    expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer');
  });

  it('a key from the moment it is revoked', async () => {
    const { key, record } = await test.newKey('merchant', [MCHID]);
    const app = createApp(test.deps(), served);
    const request = () => app.request('/v1/orders', { headers: { Authorization: `Bearer ${key}` } });
    expect((await request()).status).toBe(200);
    await revokeApiKey(test.connection.db, record.id, test.clock.now);
    expect((await request()).status).toBe(401);
  });

  it('the stored hash in place of the key', async () => {
    const rows = await test.connection.sql<{ hash: string }[]>`select hash from api_keys limit 1`;
    expect((await list({ Authorization: `Bearer ${rows[0]?.hash ?? ''}` })).status).toBe(401);
  });
});

describe('for which merchant', () => {
  it('a merchant key needs no mchid, and may name its own', async () => {
    const headers = { Authorization: `bearer ${test.merchantKey}` };
    expect((await list(headers)).status).toBe(200);
    expect((await list(headers, `?mchid=${MCHID}`)).status).toBe(200);
  });

  it.each([OTHER_MCHID, '1', "1900000001' or 1=1"])('a merchant key may not name %s', async (other) => {
    const answer = await list({ Authorization: `Bearer ${test.merchantKey}` }, `?mchid=${encodeURIComponent(other)}`);
    expect([answer.status, await problemCode(answer)]).toEqual([403, 'forbidden']);
  });

  it('an operator of one merchant needs no mchid', async () => {
    const { key } = await test.operatorKey();
    expect((await list({ Authorization: `Bearer ${key}` })).status).toBe(200);
  });

  it('an operator of several merchants must name one, and one of theirs', async () => {
    const number = await test.placeOrder();
    const { key } = await test.newKey('operator', [MCHID, OTHER_MCHID], 'Han Meimei');
    const read = (query: string) => test.send('GET', `/v1/orders/${number}${query}`, { key });
    const unnamed = await read('');
    expect([unnamed.status, await problemCode(unnamed)]).toEqual([400, 'invalid_request']);
    expect(await json(await read(`?mchid=${MCHID}`))).toMatchObject({ orderNo: number, mchid: MCHID });
    expect(await problemCode(await read(`?mchid=${OTHER_MCHID}`))).toBe('order_not_found');
    expect((await read('?mchid=1900000003')).status).toBe(403);
  });

  it('a merchant that is not configured here cannot take orders', async () => {
    const { key } = await test.newKey('merchant', [mchid('1900000009')]);
    const body = { orderNo: test.newOrderNo(), amountFen: 1, description: 'x', product: 'native' };
    const answer = await test.send('POST', '/v1/orders', { key, body });
    expect([answer.status, await problemCode(answer)]).toEqual([400, 'invalid_request']);
  });
});

describe('too many requests', () => {
  it('with one key are refused until its bucket has filled again; other keys are not', async () => {
    const app = createApp(test.deps({ rateLimit: { burst: 3, intervalMs: 500 } }), served);
    const { key: other } = await test.newKey('merchant', [MCHID]);
    const request = (key = test.merchantKey) =>
      app.request('/v1/orders', { headers: { Authorization: `Bearer ${key}` } });
    for (let n = 0; n < 3; n += 1) expect((await request()).status).toBe(200);
    const refused = await request();
    expect([refused.status, await problemCode(refused)]).toEqual([429, 'rate_limited']);
    expect(refused.headers.get('Retry-After')).toBe('1');
    expect((await request(other)).status).toBe(200);
    test.clock.now = new Date(test.clock.now.getTime() + 499);
    expect((await request()).status).toBe(429);
    test.clock.now = new Date(test.clock.now.getTime() + 1);
    expect((await request()).status).toBe(200);
    expect((await request()).status).toBe(429);
  });
});
