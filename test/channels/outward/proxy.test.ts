import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutward } from '../../../src/channels/outward/outward.js';
import {
  parseProxy,
  parseProxyExceptions,
  proxyTo,
  shownProxy,
  type OutboundProxy,
} from '../../../src/channels/outward/proxy.js';
import { connectProxy, LOGIN, tlsFront, type ConnectProxy, type TlsFront } from '../../support/connect-proxy.js';
import { allOf, charging } from '../support/charges.js';
import { deadPort, silence } from '../support/dead-ends.js';
import { failureOf } from '../support/failure-of.js';
import { CA, fakeV2Merchant, fakeWechatPayV2, signedV2, v2GatewayOf } from '../support/fake-wechatpay-v2.js';
import {
  failed,
  fakeMerchant,
  fakeWechatPay,
  isSignedRequest,
  signatureHeaders,
  type FakeWechatPay,
} from '../support/fake-wechatpay.js';
import { gatewayOf, withCredentials } from '../support/gateway.js';
import { outTradeNo, refundOf } from '../support/values.js';

const durable = { patience: 'durable' } as const;
const brief = { patience: 'brief' } as const;
const asked = { outTradeNo: outTradeNo('A-10001') };
const GATEWAY = 'https://wechatpay.test';
const SECOND = 'https://second.wechatpay.test';

function proxyAt(url: string, except = ''): OutboundProxy {
  const proxy = parseProxy(url, parseProxyExceptions(except) ?? []);
  if (proxy === undefined) throw new Error('not a proxy');
  return proxy;
}

describe('the way through a proxy', () => {
  let wechat: FakeWechatPay;
  let front: TlsFront;
  let proxy: ConnectProxy;
  beforeEach(async () => {
    wechat = await fakeWechatPay();
    wechat.answer = (_, response) => response.writeHead(204, signatureHeaders('')).end();
    front = await tlsFront('wechatpay.test', wechat.url);
    proxy = await connectProxy({ 'wechatpay.test:443': front.port });
  });
  afterEach(async () => {
    await Promise.all([proxy.close(), wechat.close()]);
    front.close();
  });

  const through = (url: string, gatewayUrls: readonly [string, ...string[]] = [GATEWAY], except = '') =>
    gatewayOf(withCredentials(fakeMerchant(GATEWAY), { gatewayUrls, limits: { close: 10_000, charge: 10_000 } }), {
      now: () => new Date(),
      notifyUrl: () => 'https://pay.example.com/notify/wechatpay/v3/1900000001',
      ...{ workers: 1, outward: createOutward({ proxy: proxyAt(url, except), ca: [front.ca] }) },
    });

  test('a call goes through its tunnel, which serves the next call too; the proxy sees the host alone', async () => {
    const gateway = through(proxy.url);
    for (let call = 0; call < 3; call += 1) {
      expect(await gateway.close(asked, durable)).toMatchObject({ kind: 'accepted' });
    }
    expect(wechat.seen.map((seen) => [seen.headers.host, isSignedRequest(seen)])).toEqual(
      Array.from({ length: 3 }, () => ['wechatpay.test', true]),
    );
    expect(wechat.seen.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
    expect(proxy.asked).toEqual(['wechatpay.test:443']);
    expect(proxy.text()).not.toMatch(/WECHATPAY2|A-10001|1900000001/);
  });

  test('a bill comes the same way', async () => {
    wechat.answer = (_, response) => response.writeHead(200).end('bill');
    const url = `${GATEWAY}/v3/billdownload/file?token=abc`;
    const answer = await through(proxy.url).downloadBill({ url, isZipped: false }, durable);
    if (answer.kind !== 'bytes') throw new Error(answer.kind);
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.bytes) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('bill');
    expect(proxy.asked).toEqual(['wechatpay.test:443']);
  });

  test('a domain that the proxy lets nobody to is left for the next', async () => {
    const gateway = through(proxy.url, [SECOND, GATEWAY]);
    const charge = charging(gateway, 'durable');
    wechat.answer = failed(400, { code: 'AUTH_CODE_INVALID', message: '' });
    expect(await charge.answer).toMatchObject({ kind: 'refused' });
    expect(proxy.asked).toEqual(['second.wechatpay.test:443', 'wechatpay.test:443']);
    expect([charge.claims.count, wechat.seen.length]).toEqual([1, 1]);
  });

  test.each([
    ['a proxy that wants another login', () => Promise.resolve(proxy.urlWithoutLogin)],
    ['a proxy that nobody listens at', async () => (await deadPort()).replace('https', 'http')],
    ['a proxy that never answers', async () => (await silence()).url.replace('https', 'http')],
    ['a proxy over TLS that nobody vouches for', () => Promise.resolve(`https://localhost:${front.port}`)],
  ])('nothing leaves by %s, and no error names the password', async (_, urlOf) => {
    const charge = charging(through(await urlOf()), 'brief');
    const error = await failureOf(charge.answer);
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(wechat.seen).toHaveLength(0);
    expect(allOf(error)).not.toContain('canary');
  });

  test('a proxy over TLS is asked for its own certificate, not for that of who is behind it', async () => {
    const names: string[] = [];
    const server = createTlsServer({
      SNICallback: (name, done) => {
        names.push(name);
        done(new Error('no certificate'));
      },
    });
    server.on('tlsClientError', () => undefined);
    await once(server.listen(0, 'localhost'), 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await failureOf(charging(through(`https://localhost:${port}`), 'brief').answer);
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(names).toContain('localhost');
    expect(names).not.toContain('wechatpay.test');
    server.close();
  });

  test('a sandbox on this machine is reached without it', async () => {
    const gateway = through(proxy.url, [wechat.url]);
    expect(await gateway.close(asked, durable)).toMatchObject({ kind: 'accepted' });
    expect(proxy.asked).toEqual([]);
  });

  test('so are the hosts that are excepted', async () => {
    const gateway = through(proxy.url, [GATEWAY], '.test');
    expect(await failureOf(gateway.close(asked, brief))).toMatchObject({ code: 'unreachable' });
    expect(proxy.asked).toEqual([]);
  });
});

test('the certificate of a merchant of API v2 is shown at the end of the tunnel, and not to the proxy', async () => {
  const wechat = await fakeWechatPayV2();
  const proxy = await connectProxy({ 'secapi.test:443': Number(new URL(wechat.secapiUrl).port) });
  wechat.answer = signedV2({ refund_id: '1', out_refund_no: 'R-1' });
  const merchant = fakeV2Merchant({ secapiUrls: ['https://secapi.test'], secapiCa: CA.certificatePem });
  const gateway = v2GatewayOf(merchant, { outward: createOutward({ proxy: proxyAt(proxy.url) }) });
  await gateway.refund(refundOf(asked), durable).catch(() => undefined);
  expect(wechat.seen.map(({ path, shown, headers }) => [path, shown, headers.host])).toEqual([
    ['/secapi/pay/refund', '1900000001', 'secapi.test'],
  ]);
  expect(proxy.asked).toEqual(['secapi.test:443']);
  await Promise.all([proxy.close(), wechat.close()]);
});

describe('what a proxy may be called', () => {
  test.each(['proxy:3128', 'socks5://proxy:1080', 'http://proxy/path', 'http://proxy?a=1', 'http://a%:b@proxy'])(
    '%s is none',
    (text) => {
      expect(parseProxy(text, [])).toBeUndefined();
    },
  );

  test.each([
    ['http://proxy.internal', 'http://proxy.internal:80'],
    ['https://proxy.internal/', 'https://proxy.internal:443'],
    ['http://[fd00::1]:3128', 'http://[fd00::1]:3128'],
    [`http://${LOGIN.user}:${encodeURIComponent(LOGIN.password)}@p:3128`, 'http://p:3128 (with a password)'],
  ])('%s is %s', (text, shown) => {
    const proxy = proxyAt(text);
    expect(shownProxy(proxy)).toBe(shown);
    expect(inspect(proxy, { depth: 9, showHidden: true }) + JSON.stringify(proxy)).not.toMatch(
      new RegExp(`canary|${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`),
    );
  });

  test.each(['*', 'a b', 'host:port', 'https://host', '10.0.0.0/8', 'x,'.repeat(101)])(
    'the exceptions %s are none',
    (text) => {
      expect(parseProxyExceptions(text)).toBeUndefined();
    },
  );

  test.each([
    ['example.com', ['example.com:443', 'a.example.com:443'], ['anexample.com:443', 'example.com.cn:443']],
    [' .example.com , *.example.org', ['a.example.com:1', 'EXAMPLE.org:2'], ['example.net:1']],
    ['example.com:8443', ['example.com:8443'], ['example.com:443']],
    ['10.0.0.1,[fd00::1]:443', ['10.0.0.1:443', 'fd00::1:443'], ['10.0.0.11:443', 'fd00::1:444']],
    ['', ['localhost:443', '127.0.0.1:443', '::1:443'], ['api.mch.weixin.qq.com:443']],
  ])('"%s" leaves out %j, and not %j', (except, without, by) => {
    const proxy = proxyAt('http://proxy:3128', except);
    const isProxied = (authority: string): boolean => {
      const at = authority.lastIndexOf(':');
      return proxyTo(proxy, { host: authority.slice(0, at), port: Number(authority.slice(at + 1)) }) !== undefined;
    };
    expect([without.map(isProxied), by.map(isProxied)]).toEqual([without.map(() => false), by.map(() => true)]);
  });
});
