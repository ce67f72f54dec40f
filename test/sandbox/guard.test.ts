import { networkInterfaces } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox } from '../support/sandbox.js';
import { call, control, exchange } from './support/client.js';
import { newNumber, prepay, query } from './support/trade.js';
import { useSandbox } from './support/use-sandbox.js';

const { sandbox, merchant } = useSandbox({ allowHost: ['sandbox.example', 'exact.example:8090'] });
let port: string;

beforeAll(() => {
  port = new URL(sandbox.url).port;
});

const ask = (headers: Record<string, string>, target = '/sandbox/merchant') =>
  exchange(sandbox.url, 'GET', target, '', headers);
const post = (headers: Record<string, string>, body = '{"advanceSeconds":0}', target = '/sandbox/clock') =>
  exchange(sandbox.url, 'POST', target, body, headers);
const json = { 'Content-Type': 'application/json' };

describe('the Host of a control call', () => {
  it.each(['localhost', 'LOCALHOST:1', 'shop.localhost', '127.0.0.1', '127.8.9.1:80', '[::1]:8090', 'localhost.'])(
    'may be %s, which is this machine',
    async (host) => expect((await ask({ Host: host })).status).toBe(200),
  );

  it.each(['sandbox.example', 'sandbox.example:99', 'Exact.Example:8090'])(
    'may be %s, which was allowed',
    async (host) => {
      expect((await ask({ Host: host })).status).toBe(200);
    },
  );

  it.each([
    ...['evil.example', 'localhost.evil.example', 'notlocalhost', '127.0.0.1.evil.example', 'exact.example:8091'],
    ...['203.0.113.7', '[2001:db8::1]', '0.0.0.0', 'localhost@evil.example', 'localhost/', '127.0.0.1:1:2'],
  ])('may not be %s, whatever is asked', async (host) => {
    for (const target of ['/sandbox/merchant', '/sandbox/phone', '/sandbox/phone.js', '/sandbox/none']) {
      const reply = await ask({ Host: host }, target);
      // What is no Host at all does not come so far as to be unknown.
      expect([400, 403]).toContain(reply.status);
      expect(reply.text).not.toContain('PRIVATE KEY');
    }
    expect((await post({ ...json, Host: host, Origin: `http://${host}` })).status).toBeGreaterThanOrEqual(400);
  });

  it('may be the address it is bound to, with its port', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const address = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    if (address === undefined) return;
    const open = await startTestSandbox({ host: '0.0.0.0' });
    const at = (host: string) =>
      exchange(`http://${address}:${new URL(open.url).port}`, 'GET', '/sandbox/clock', '', { Host: host });
    expect((await at(`${address}:${new URL(open.url).port}`)).status).toBe(200);
    expect((await at(`${address}:1`)).status).toBe(403);
    expect((await at('evil.example')).status).toBe(403);
    await open.close();
  });
});

describe('the Origin of a control call', () => {
  it('may be its own', async () => {
    const own = { Origin: sandbox.url, Host: `127.0.0.1:${port}` };
    expect((await post({ ...json, ...own })).status).toBe(200);
    expect((await ask(own)).status).toBe(200);
  });

  it.each([
    'null',
    'http://evil.example',
    'http://localhost:1',
    'https://evil.example',
    'file://',
    '',
    'chrome-extension://x',
  ])('may not be %s', async (origin) => {
    const before = await control(sandbox, 'GET', '/faults');
    const faults = '[{"on":"query","kind":"http500"}]';
    expect((await post({ ...json, Origin: origin }, faults, '/sandbox/faults')).status).toBe(403);
    expect((await ask({ Origin: origin })).status).toBe(403);
    expect((await exchange(sandbox.url, 'DELETE', '/sandbox/faults', '', { Origin: origin })).status).toBe(403);
    expect(await control(sandbox, 'GET', '/faults')).toEqual(before);
  });

  it('gets no leave to read by a preflight', async () => {
    const asked = { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' };
    const reply = await exchange(sandbox.url, 'OPTIONS', '/sandbox/pay', '', asked);
    expect([reply.status, reply.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  });
});

describe('the body of a control call', () => {
  it('may not be packed, nor said to be', async () => {
    const reply = await post({ ...json, 'Content-Encoding': 'gzip' });
    expect([reply.status, reply.json['code']]).toEqual([415, 'unsupported_encoding']);
    expect((await post({ ...json, 'Content-Encoding': 'identity' })).status).toBe(200);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])('may be %s', async (type) => {
    expect((await post({ 'Content-Type': type })).status).toBe(200);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('may not be %s', async (type) => {
    const reply = await post(type === '' ? {} : { 'Content-Type': type });
    expect([reply.status, reply.json['code']]).toEqual([415, 'not_json']);
  });

  it('that is no JSON is a 400, and none needs no type', async () => {
    expect((await post(json, 'advanceSeconds=0')).status).toBe(400);
    const rotated = await post({}, '', '/sandbox/certificates/rotate');
    expect([rotated.status, typeof rotated.json['platformSerialNo']]).toEqual([200, 'string']);
  });
});

describe('the wire', () => {
  it('asks for no Host, Origin or type', async () => {
    const headers = { Host: 'api.mch.weixin.qq.com', Origin: 'http://evil.example', 'Content-Type': 'text/plain' };
    const outTradeNo = newNumber();
    expect((await prepay(sandbox, merchant, outTradeNo, 'native', {}, { headers })).status).toBe(200);
    expect((await query(sandbox, merchant, outTradeNo, { headers })).json).toMatchObject({
      trade_state: 'NOTPAY',
    });
    expect((await call(sandbox, merchant, 'GET', '/v3/certificates', undefined, { headers })).status).toBe(200);
  });
});
