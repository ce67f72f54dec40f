import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isCanonical } from '../../src/http/door.js';
import { networkOf } from '../../src/http/kit/client-address.js';
import { served } from '../../src/entries/served.js';
import { startIngress, type Ingress, type Listening } from '../../src/http/start.js';
import { MCHID, useTestApp } from './support/test-app.js';

const test = useTestApp();
const started: Ingress[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((ingress) => ingress.close(1_000)));
});

async function start(change: Partial<Listening> = {}): Promise<Ingress> {
  const ingress = await startIngress(test.deps(), served, { port: 0, host: '127.0.0.1', ...change });
  started.push(ingress);
  return ingress;
}

const open = async (url: string): Promise<Socket> => {
  const socket = connectSocket(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

type Answer = { readonly status: number; readonly code: string | undefined };

/** A request as bytes, which no client library writes. */
async function raw(url: string, line: string, headers: readonly string[] = ['Host: 127.0.0.1']): Promise<Answer> {
  const socket = await open(url);
  socket.write(`${line}\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return { status: Number(text.slice(9, 12)), code: /"code":"([a-zA-Z_]+)"/.exec(text)?.[1] };
}

it('a body packed for the way is refused, one in chunks is not', async () => {
  const { url } = await start();
  const sent = (coding: string) =>
    raw(url, 'POST /v1/orders HTTP/1.1', [
      ...['Host: 127.0.0.1', 'Connection: close', `Transfer-Encoding: ${coding}`],
      ...['', '0'],
    ]);
  expect((await sent('gzip, chunked')).status).toBe(415);
  expect((await sent('chunked')).status).toBe(401);
});

describe('a raw target', () => {
  it('that is not ASCII is answered how to write it', async () => {
    const { url } = await start();
    const socket = await open(url);
    socket.write('GET /v1/orders?q=龙井 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1.1 400 [^]*"code":"invalid_request","detail":"[^"]*percent/);
  });

  it.each([
    '/pay/../metrics',
    '/pay/%2e%2e/metrics',
    '/pay/%2E./metrics',
    '/%6detrics',
    '/pay/./A-100001',
    '/pay/..',
    '//metrics',
    '/v1//orders',
    '/pay\\..\\metrics',
    '/pay%5c..%5cmetrics',
    '/pay%2f..%2fmetrics',
    '/pay/A-100001%00',
    '/pay/%zz',
    '/pay/%',
    '/pay/%ff%fe',
    'http://other.example/metrics',
    '*',
  ])('%s is refused', async (target) => {
    const { url } = await start();
    expect(await raw(url, `GET ${target} HTTP/1.1`)).toEqual({ status: 400, code: 'invalid_request' });
  });

  it.each([
    '/',
    '/v1/orders?cursor=%2e%2E',
    '/v1/refunds/A-100001%2A2%40return',
    '/v1/refunds/A-100001*2@return',
    '/pay/%E8%8C%B6',
  ])('%s is plain', (target) => {
    expect(isCanonical(target)).toBe(true);
  });

  it.each([`//notify/wechatpay/v3/${MCHID}`, `/notify//wechatpay/v3/${MCHID}`, `/notify/wechatpay/v3/${MCHID}/`])(
    '%s is the route WeChat Pay calls',
    async (target) => {
      const number = await test.placeOrder();
      const body = JSON.stringify({ key: `key-${target}`, outTradeNo: number });
      const { url } = await start();
      const answer = fetch(`${url}${target}`, { method: 'POST', body });
      expect((await answer).status).toBe(204);
    },
  );
});

describe('a method', () => {
  it.each(['TRACE', 'PROPFIND', 'PURGE', 'LINK'])('%s is 405 on every path, with a key too', async (method) => {
    const { url } = await start();
    const headers = ['Host: 127.0.0.1', `Authorization: Bearer ${test.merchantKey}`];
    for (const path of ['/v1/orders', '/ops', '/nowhere', '/healthz'])
      expect((await raw(url, `${method} ${path} HTTP/1.1`, headers)).status).toBe(405);
  });

  it('CONNECT is refused, and so is what is no HTTP', async () => {
    const { url } = await start();
    expect(await raw(url, 'CONNECT other.example:443 HTTP/1.1')).toEqual({ status: 405, code: 'method_not_allowed' });
    expect(await raw(url, 'HELLO')).toEqual({ status: 400, code: 'invalid_request' });
    const long = ['Host: 127.0.0.1', `X: ${'x'.repeat(20_000)}`];
    expect(await raw(url, 'GET / HTTP/1.1', long)).toEqual({ status: 431, code: 'invalid_request' });
  });
});

describe('a host', () => {
  it.each(['pay.example.com', 'PAY.example.com', 'pay.example.com:443', '127.0.0.1:1', 'localhost', '[::1]:8080'])(
    '%s is served',
    async (host) => {
      const { url } = await start();
      expect((await raw(url, 'GET /v1/orders HTTP/1.1', [`Host: ${host}`])).status).toBe(401);
    },
  );

  it.each([
    'evil.example',
    'pay.example.com.evil.example',
    'pay.example.com:8443',
    '10.0.0.7',
    'a b',
    'x@pay.example.com',
  ])('%s is not, but for the probes', async (host) => {
    const { url } = await start();
    const answers = ['/v1/orders', '/ops/login', '/pay/A-100001', '/docs'].map((path) =>
      raw(url, `GET ${path} HTTP/1.1`, [`Host: ${host}`]),
    );
    for (const { status } of await Promise.all(answers)) expect([400, 421]).toContain(status);
  });

  it('of a probe is the machine’s address', async () => {
    const { url } = await start();
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect((await raw(url, `GET ${path} HTTP/1.1`, ['Host: 10.0.0.7:8080'])).status).toBe(200);
  });
});

describe('a listener for operators', () => {
  it('takes metrics, pages and documentation off the public one', async () => {
    const { url, adminUrl = '' } = await start({ adminPort: 0 });
    const statusOf = async (base: string, path: string) => (await raw(base, `GET ${path} HTTP/1.1`)).status;
    for (const path of ['/metrics', '/ops/login', '/docs', '/docs/start.js', '/openapi.json']) {
      expect([path, await statusOf(url, path), await statusOf(adminUrl, path)]).toEqual([path, 404, 200]);
    }
    expect([await statusOf(url, '/v1/orders'), await statusOf(adminUrl, '/v1/orders')]).toEqual([401, 404]);
    for (const base of [url, adminUrl]) expect(await statusOf(base, '/healthz')).toBe(200);
  });

  it.each(['127.0.0.1:8082', 'localhost', '[::1]:8082', '10.0.0.7:8082', '[fd00::7]:8082', 'pay.example.com:8082'])(
    'is reached as %s',
    async (host) => {
      const { adminUrl = '' } = await start({ adminPort: 0 });
      expect((await raw(adminUrl, 'GET /ops/login HTTP/1.1', [`Host: ${host}`])).status).toBe(200);
    },
  );

  it.each(['evil.example', 'evil.example:8082', '10.0.0.7.evil.example', 'pay.example.com.evil.example', 'a b'])(
    'is not reached as %s, as by a page whose name was made to lead here',
    async (host) => {
      const { adminUrl = '' } = await start({ adminPort: 0 });
      for (const path of ['/ops/login', '/docs', '/openapi.json'])
        expect([400, 421]).toContain((await raw(adminUrl, `GET ${path} HTTP/1.1`, [`Host: ${host}`])).status);
      expect((await raw(adminUrl, 'GET /metrics HTTP/1.1', ['Host: 10.0.0.7:8082'])).status).toBe(200);
    },
  );

  it('lets operators in without TLS', async () => {
    const { adminUrl = '' } = await start({ adminPort: 0 });
    const { key } = await test.operatorKey();
    const body = new URLSearchParams({ key });
    const answer = await fetch(`${adminUrl}/ops/login`, { method: 'POST', body, redirect: 'manual' });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(answer.status).toBe(303);
    for (const part of ['Path=/ops', 'HttpOnly', 'SameSite=Strict']) expect(cookie).toContain(part);
    expect(cookie).not.toContain('Secure');
    const foreign = { origin: 'https://evil.example' };
    expect((await fetch(`${adminUrl}/ops/login`, { method: 'POST', body, headers: foreign })).status).toBe(403);
  });
});

describe('readers that never read', () => {
  it('hold no bytes of their own, are ended, and keep nobody else waiting', async () => {
    const { url } = await start({ stalledMs: 2_000 });
    await (await fetch(`${url}/docs/swagger-ui-bundle.js`)).arrayBuffer();
    const before = process.memoryUsage().rss;
    const sockets = await Promise.all(Array.from({ length: 400 }, () => open(url)));
    for (const socket of sockets) {
      socket.pause();
      // More than the system's buffers take by themselves.
      socket.write('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(8));
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    // Whoever reads is not ended, however long it takes.
    expect((await (await fetch(`${url}/docs/swagger-ui-bundle.js`)).arrayBuffer()).byteLength).toBeGreaterThan(1e6);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
    // Both ends are in this process: the server's are gone, the others have not looked yet.
    const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await expect.poll(openSockets).toBeLessThan(500);
    for (const socket of sockets) socket.destroy();
  });
});

describe('whose address it is', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
