import { NO_FOREIGN } from '../../src/reconciliation/rules/foreign.js';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPrivateKey } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createChecker, type CheckResult } from '../../src/doctor/check.js';
import { checkNotifies, checkNotifyUrl, pathsOf } from '../../src/doctor/notify.js';
import { parseMchid } from '../../src/base/ids.js';
import { DEFAULT_POLICY } from '../../src/orders/rules/policy.js';
import type { Merchant } from '../../src/channels/merchant.js';
import { signKey } from '../../src/channels/wechatpay-v2/signature.js';
import { CANARIES, OWN_CERTIFICATE, OWN_KEY } from './support/merchant-folder.js';

const MCHID = '1900000001';

function merchantAt(gatewayUrl: string): Merchant {
  const mchid = parseMchid(MCHID);
  if (!mchid.ok) throw new Error('not an mchid');
  return {
    mchid: mchid.value,
    appids: {},
    policy: DEFAULT_POLICY,
    foreign: NO_FOREIGN,
    credentials: {
      protocol: 'v3',
      mchid: mchid.value,
      serialNo: 'AB',
      privateKey: createPrivateKey(OWN_KEY),
      apiV3Key: '',
      publicKeys: new Map(),
      requestSerial: undefined,
      gatewayUrls: [gatewayUrl],
      limits: {},
    },
  };
}

const V2_KEY = signKey(CANARIES.apiV2Key);

function v2MerchantAt(gatewayUrl: string): Merchant {
  const secapiUrls = [gatewayUrl] as const;
  const { credentials, ...merchant } = merchantAt(gatewayUrl);
  const { mchid, privateKey } = credentials;
  const secapi = { certificate: OWN_CERTIFICATE.pem, privateKey, secapiUrls, secapiCa: undefined };
  return {
    ...merchant,
    credentials: {
      protocol: 'v2',
      mchid,
      apiV2Key: V2_KEY,
      signType: 'HMAC-SHA256',
      gatewayUrls: [gatewayUrl],
      limits: {},
      ...secapi,
    },
  };
}

const SANDBOX = merchantAt('http://127.0.0.1:8090');

function addressAt(gatewayUrl: string) {
  const [address] = pathsOf(merchantAt(gatewayUrl).credentials);
  if (address === undefined) throw new Error('a merchant without a notify path');
  return address;
}

const REAL = addressAt('https://api.mch.weixin.qq.com');

describe('the notify URL', () => {
  const CURE =
    'Set PAYSAGA_PUBLIC_URL to the https address under which WeChat Pay reaches the ingress from the internet.';

  it('on a public name by https is fine', () => {
    expect(checkNotifyUrl('https://pay.example.cn', REAL)).toEqual({
      status: 'ok',
      seen: `https://pay.example.cn/notify/wechatpay/v3/${MCHID}`,
      cure: null,
    });
  });

  it.each([
    ['pay.example.cn', 'PAYSAGA_PUBLIC_URL is not a URL'],
    ['https://u:p@pay.example.cn', 'the notify URL has a query or credentials'],
    ['https://pay.example.cn/?a=', 'the notify URL has a query or credentials'],
    ['http://pay.example.cn', `http://pay.example.cn/notify/wechatpay/v3/${MCHID} is not https`],
    ['https://203.0.113.7', '203.0.113.7 is not a public host name'],
    ['https://[2001:db8::1]', '[2001:db8::1] is not a public host name'],
    ['https://localhost:8080', 'localhost is not a public host name'],
    ['https://pay.internal', 'pay.internal is not a public host name'],
    ['https://ingress', 'ingress is not a public host name'],
    [`https://pay.example.cn/${'a'.repeat(255)}`, 'the notify URL has 309 characters'],
  ])('%s fails with the gateway of WeChat Pay', (publicUrl, seen) => {
    expect(checkNotifyUrl(publicUrl, REAL)).toEqual({ status: 'failed', seen, cure: CURE });
  });

  it('below a path is a warning', () => {
    expect(checkNotifyUrl('https://pay.example.cn/pay', REAL)).toEqual({
      status: 'warning',
      seen: `the notify URL has the path /pay/notify/wechatpay/v3/${MCHID}`,
      cure: 'Let the proxy remove the part before /notify, or give PaySaga a host name of its own.',
    });
  });

  it('on this machine is fine with a sandbox on this machine', () => {
    expect(checkNotifyUrl('http://127.0.0.1:8080', addressAt('http://127.0.0.1:8090'))).toMatchObject({ status: 'ok' });
  });
});

describe('the ingress behind it', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
    server = undefined;
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A PaySaga that answers each path so. */
  const answering =
    (answers: Readonly<Record<string, readonly [number, object]>>): RequestListener =>
    (request, response) => {
      const [status, body] = answers[request.url ?? ''] ?? [404, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };

  const NOTIFY = `/notify/wechatpay/v3/${MCHID}`;
  const FAIL = { code: 'FAIL', message: 'The notify could not be verified' };
  const healthy = { '/healthz': [200, {}], '/readyz': [200, {}], [NOTIFY]: [401, FAIL] } as const;

  async function examine(publicUrl: string, isOffline = false): Promise<CheckResult[]> {
    return checkNotifies({ check: createChecker({ isFixing: false }), isOffline }, publicUrl, [SANDBOX]);
  }

  async function check(name: string, listener: RequestListener) {
    const found = (await examine(await serve(listener))).find((result) => result.name === name);
    return found && { status: found.status, seen: found.seen, cure: found.cure };
  }

  it('that is healthy, ready and refuses what is unsigned passes', async () => {
    const results = await examine(await serve(answering(healthy)));
    expect(results.map(({ subject, name, status }) => `${subject} ${name} ${status}`)).toEqual([
      'ingress health ok',
      'ingress readiness ok',
      `${MCHID} URL ok`,
      `${MCHID} unsigned notify ok`,
    ]);
  });

  it('that is not ready is a warning', async () => {
    expect(await check('readiness', answering({ ...healthy, '/readyz': [503, {}] }))).toEqual({
      status: 'warning',
      seen: 'the ingress runs, but is not ready',
      cure: 'Look at its GET /readyz, which names what it cannot reach.',
    });
  });

  it('that is something else fails', async () => {
    expect(await check('health', answering({}))).toEqual({
      status: 'failed',
      seen: expect.stringMatching(/\/healthz answers 404$/) as unknown,
      cure: 'Let the proxy at PAYSAGA_PUBLIC_URL pass every path to the ingress: what answers there is not PaySaga.',
    });
  });

  const PASS =
    'Let the proxy pass POST /notify/ to the ingress unchanged, without a login, a challenge or a limit of its own.';
  it.each([
    [
      [200, {}],
      'something acknowledges an unsigned notify with 200',
      'Let POST /notify/ at PAYSAGA_PUBLIC_URL reach the ingress alone: whatever answers now makes WeChat Pay forget payments.',
    ],
    [
      [404, FAIL],
      'the ingress does not know this merchant',
      'Give the ingress the same merchants file as here and restart it.',
    ],
    [[302, {}], 'an unsigned notify is answered with 302, not by PaySaga', PASS],
    [[401, {}], 'an unsigned notify is answered with 401, not by PaySaga', PASS],
    [[503, FAIL], 'an unsigned notify is answered with 503 FAIL', PASS],
  ] as const)('that answers an unsigned notify with %j fails', async (answer, seen, cure) => {
    expect(await check('unsigned notify', answering({ ...healthy, [NOTIFY]: answer }))).toEqual({
      status: 'failed',
      seen,
      cure,
    });
  });

  it('that is not there cannot be reached', async () => {
    const results = await examine('http://127.0.0.1:1');
    expect(results[0]).toMatchObject({
      status: 'failed',
      unreachable: true,
      seen: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/healthz does not answer \(\w+/) as unknown,
      cure: 'Start the ingress with npm run serve, and let the proxy at PAYSAGA_PUBLIC_URL pass requests to it.',
    });
    expect(results.at(-1)).toMatchObject({ status: 'skipped', seen: 'nothing answers there' });
  });

  it('is not asked when offline, and the URL is looked at all the same', async () => {
    const results = await examine('http://127.0.0.1:1', true);
    expect(results.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'ok', 'skipped']);
  });

  describe('for a merchant of API v2', () => {
    const xml = (code: string) => `<xml><return_code><![CDATA[${code}]]></return_code></xml>`;
    const PATHS = [`/notify/wechatpay/v2/${MCHID}/payment`, `/notify/wechatpay/v2/${MCHID}/refund`];

    /** An ingress whose paths for API v2 answer so; what was sent to them is kept. */
    async function examineV2(status: number, body: string, merchant = v2MerchantAt('http://127.0.0.1:8090')) {
      const bodies: string[] = [];
      const publicUrl = await serve((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const isNotify = PATHS.includes(request.url ?? '');
          if (isNotify) bodies.push(`${request.headers['content-type']} ${Buffer.concat(chunks).toString()}`);
          response.writeHead(isNotify ? status : 401).end(isNotify ? body : JSON.stringify(FAIL));
        });
      });
      const results = await checkNotifies({ check: createChecker({ isFixing: false }), isOffline: false }, publicUrl, [
        merchant,
      ]);
      const own = results.filter(({ subject }) => subject === MCHID);
      return { bodies, own, shown: own.map(({ name, status: found }) => `${name} ${found}`) };
    }

    it('both paths are looked at, with notifies that have no sign', async () => {
      const { bodies, own, shown } = await examineV2(401, xml('FAIL'));
      expect(shown).toEqual([
        'payment URL ok',
        'unsigned payment notify ok',
        'refund URL ok',
        'unsigned refund notify ok',
      ]);
      expect(own[0]?.seen).toMatch(new RegExp(`^http://127.0.0.1:\\d+${PATHS[0]}$`));
      expect(bodies).toEqual(Array(2).fill('text/xml <xml></xml>'));
    });

    it.each([
      // The body decides.
      [401, xml('SUCCESS'), /^something acknowledges an unsigned notify with 401$/],
      [200, '<html>', /^an unsigned notify is answered with 200, not by PaySaga$/],
      [200, '', /^an unsigned notify is answered with 200, not by PaySaga$/],
      [404, xml('FAIL'), /^the ingress does not know this merchant$/],
      [401, JSON.stringify(FAIL), /^an unsigned notify is answered with 401, not by PaySaga$/],
      [503, xml('FAIL'), /^an unsigned notify is answered with 503 FAIL$/],
    ])('%i %s fails', async (status, body, seen) => {
      const { own } = await examineV2(status, body);
      const unsigned = own.filter(({ name }) => name.startsWith('unsigned'));
      expect(unsigned).toHaveLength(2);
      for (const found of unsigned)
        expect(found).toMatchObject({ status: 'failed', seen: expect.stringMatching(seen) as unknown });
    });

    it('who has API v3 too, refund notifies of v2 are looked at beside its own', async () => {
      const { credentials, ...merchant } = SANDBOX;
      if (credentials.protocol !== 'v3') throw new Error('not a merchant of API v3');
      const both = { ...merchant, credentials: { ...credentials, apiV2Key: V2_KEY } };
      const { bodies, shown } = await examineV2(401, xml('FAIL'), both);
      expect(shown).toEqual(['URL ok', 'unsigned notify ok', 'refund URL ok', 'unsigned refund notify ok']);
      expect(bodies).toHaveLength(1);
    });
  });
});
