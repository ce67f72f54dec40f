import { NO_FOREIGN } from '../../src/reconciliation/rules/foreign.js';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deadPort, strangersCertificate } from '../channels/support/dead-ends.js';
import type { V3Merchant } from '../channels/support/merchant.js';
import { parseMchid } from '../../src/base/ids.js';
import { parseProxy, type OutboundProxy } from '../../src/channels/outward/proxy.js';
import { createChecker } from '../../src/doctor/check.js';
import { checkProxy } from '../../src/doctor/gateway/proxy.js';
import { DEFAULT_POLICY } from '../../src/orders/rules/policy.js';
import type { Sandbox } from '../../src/sandbox/start.js';
import { merchantOf, type Credentials } from '../sandbox/support/client.js';
import { connectProxy, LOGIN, tlsFront } from '../support/connect-proxy.js';
import { sandboxControl, type Fault } from '../support/sandbox-control.js';
import { startTestSandbox } from '../support/sandbox.js';
import { clockOff, examined, examinedOffline, serve, type Shown } from './support/gateway.js';
import { CANARIES, OWN_KEY, publicOf, WECHAT_KEY } from './support/merchant-folder.js';

let sandbox: Sandbox;
let credentials: Credentials;
let merchant: V3Merchant;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  credentials = await merchantOf(sandbox);
  merchant = asConfigured(credentials);
});
afterEach(() => sandboxControl(sandbox.url, credentials.mchid).repair());
afterAll(() => sandbox.close());

function asConfigured(given: Credentials): V3Merchant {
  const mchid = parseMchid(given.mchid);
  if (!mchid.ok) throw new Error('the sandbox gave no mchid');
  return {
    mchid: mchid.value,
    appids: { native: [given.appid] },
    policy: DEFAULT_POLICY,
    foreign: NO_FOREIGN,
    credentials: {
      protocol: 'v3',
      mchid: mchid.value,
      serialNo: given.serialNo,
      privateKey: createPrivateKey(given.privateKeyPem),
      apiV3Key: given.apiV3Key,
      publicKeys: new Map([[given.publicKeyId, createPublicKey(given.publicKeyPem)]]),
      requestSerial: given.publicKeyId,
      gatewayUrls: [sandbox.url],
      limits: {},
    },
  };
}

type Asked = {
  readonly change?: Partial<V3Merchant['credentials']>;
  readonly offMs?: number;
  readonly outboundProxy?: OutboundProxy;
  readonly ca?: readonly string[];
};

/** Every check of the gateway by its name, with one thing of the credentials changed or the clock of this machine off. */
function examine({ change = {}, ...how }: Asked = {}): Promise<Record<string, Shown>> {
  const asked = { ...merchant, credentials: { ...merchant.credentials, ...change } };
  return examined(asked, { ...how, secrets: [credentials.apiV3Key, CANARIES.apiV3Key, LOGIN.password] });
}

const fault = (it: Fault): Promise<void> => sandboxControl(sandbox.url, credentials.mchid).fault(it);
const refusal = (status: number, code: string): Fault => ({
  ...{ on: 'query', kind: 'error', status, code, effect: false, times: 0 },
});

describe('a gateway that knows the merchant', () => {
  it('proves key, serial number, mchid, answers and API v3 key without changing anything', async () => {
    const found = await examine();
    expect(Object.entries(found).map(([name, { status }]) => `${name} ${status}`)).toEqual([
      'reachable ok',
      'clock ok',
      'credentials ok',
      'answer signature ok',
      'API v3 key in use ok',
    ]);
    expect(found['answer signature']?.seen).toContain(credentials.publicKeyId);
    expect(await sandboxControl(sandbox.url, credentials.mchid).trades()).toEqual([]);
  });

  it('proves the same of a merchant who has certificates only', async () => {
    const found = await examine({ change: { publicKeys: new Map(), requestSerial: undefined } });
    expect(new Set(Object.values(found).map(({ status }) => status))).toEqual(new Set(['ok']));
    expect(found['answer signature']?.seen).toContain(credentials.platformSerialNo);
  });

  it('may sign an answer wrongly on purpose', async () => {
    await fault({ on: 'certificates', kind: 'signTest' });
    expect(await examine()).toMatchObject({ 'answer signature': { status: 'ok' } });
  });

  it('is not asked when offline', async () => {
    expect(await examinedOffline(merchant)).toEqual(Array(5).fill('skipped --offline'));
  });
});

describe('credentials', () => {
  const COMPARE =
    'Compare serialNo and privateKeyFile with the API certificate at the merchant platform (API security), and set the clock by NTP.';

  it('with another serial number are SIGN_ERROR, with the reason WeChat Pay gives', async () => {
    const { credentials: found, 'answer signature': skipped } = await examine({ change: { serialNo: 'ABCDEF' } });
    expect(found).toEqual({
      status: 'failed',
      seen: 'SIGN_ERROR: 商户证书序列号有误。请使用签名私钥匹配的证书序列号',
      cure: COMPARE,
    });
    expect(skipped).toEqual({
      status: 'skipped',
      seen: 'WeChat Pay refused the call (SIGN_ERROR): see credentials',
      cure: null,
    });
  });

  it('with another key are SIGN_ERROR, too', async () => {
    const found = await examine({ change: { privateKey: createPrivateKey(OWN_KEY) } });
    expect(found['credentials']).toEqual({ status: 'failed', seen: 'SIGN_ERROR: 签名错误', cure: COMPARE });
  });

  it.each([
    [
      403,
      'NO_AUTH',
      'Apply for the product at the merchant platform (product centre), or lift the restriction it shows there.',
    ],
    [400, 'MCH_NOT_EXISTS', 'Correct mchid: WeChat Pay knows no merchant with this number.'],
    [400, 'PARAM_ERROR', 'Correct mchid: it must be the one that the API certificate was made for.'],
    [400, 'APPID_MCHID_NOT_MATCH', 'Bind the appid to the mchid at the merchant platform, or correct appids.'],
    [403, 'SOMETHING_NEW', 'Look the code up in the documentation of WeChat Pay and repair the merchant there.'],
  ])('%i %s have a cure of their own', async (status, code, cure) => {
    await fault(refusal(status, code));
    expect((await examine())['credentials']).toEqual({ status: 'failed', seen: `${code}: sandbox fault`, cure });
  });

  it('with a public key ID that WeChat Pay does not know are SYSTEM_ERROR', async () => {
    const requestSerial = 'PUB_KEY_ID_0';
    const publicKeys = new Map([[requestSerial, createPublicKey(credentials.publicKeyPem)]]);
    expect((await examine({ change: { requestSerial, publicKeys } }))['credentials']).toEqual({
      status: 'failed',
      seen: 'SYSTEM_ERROR: 未知错误',
      cure: 'Compare publicKeyId with the merchant platform, since WeChat Pay answers so to an ID it does not know; if it is right, run doctor again later.',
    });
  });

  it('that are asked for too often are a warning', async () => {
    await fault(refusal(429, 'FREQUENCY_LIMITED'));
    expect((await examine())['credentials']).toEqual({
      status: 'warning',
      seen: 'WeChat Pay takes no more calls just now',
      cure: 'Run doctor again; if it stays, lower limits.query.',
    });
  });
});

describe("the gateway's answers", () => {
  it('that are signed with something else than the configured key fail', async () => {
    const publicKeys = new Map([[credentials.publicKeyId, createPublicKey(publicOf(WECHAT_KEY))]]);
    const expected = {
      status: 'failed',
      seen: `the signature does not fit the key of ${credentials.publicKeyId}`,
      cure: "Download WeChat Pay's public key and its ID again, both together, and look whether a proxy changes answers.",
    };
    expect((await examine({ change: { publicKeys } }))['answer signature']).toEqual(expected);
    await fault({ on: 'certificates', kind: 'badSignature', times: 0 });
    expect((await examine())['answer signature']).toEqual(expected);
  });

  it('that are signed with a key nobody configured fail', async () => {
    const publicKeys = new Map([['PUB_KEY_ID_0', createPublicKey(credentials.publicKeyPem)]]);
    expect((await examine({ change: { publicKeys } }))['answer signature']).toEqual({
      status: 'failed',
      seen: `answers are signed with ${credentials.publicKeyId}, which is not configured`,
      cure: 'Set publicKeyId and publicKeyFile to the public key that the merchant platform shows now.',
    });
  });

  it('that the API v3 key does not open show that it is another', async () => {
    const found = await examine({ change: { apiV3Key: CANARIES.apiV3Key } });
    expect(found['API v3 key in use']).toEqual({
      status: 'failed',
      seen: 'the API v3 key does not open what WeChat Pay encrypts',
      cure: 'Write the API v3 key of the merchant platform into apiV3KeyFile; if it is lost set a new one there, since no notify can be opened with another.',
    });
    expect(found['credentials']?.status).toBe('ok');
    const certificatesOnly = { apiV3Key: CANARIES.apiV3Key, publicKeys: new Map(), requestSerial: undefined };
    expect((await examine({ change: certificatesOnly }))['credentials']).toEqual({
      status: 'failed',
      seen: 'the platform certificates cannot be opened',
      cure: 'Set publicKeyId and publicKeyFile, or correct the API v3 key that the certificates are encrypted with.',
    });
  });

  it('do not show it for a merchant who was made with a public key', async () => {
    await fault({
      on: 'certificates',
      kind: 'error',
      status: 404,
      code: 'RESOURCE_NOT_EXISTS',
      effect: false,
      times: 0,
    });
    const found = await examine();
    const seen = 'WeChat Pay shows it with the first notify: this merchant has a public key only';
    expect(found['answer signature']).toEqual({ status: 'skipped', seen, cure: null });
    expect(found['API v3 key in use']).toEqual({ status: 'skipped', seen, cure: null });
  });
});

describe('the clock', () => {
  const CURE = "Set this machine's clock by NTP: beyond 300 s WeChat Pay refuses every call, and PaySaga every notify.";

  it.each([
    [10, 'ok', 'ahead of', null],
    [-60, 'warning', 'behind', CURE],
    [120, 'warning', 'ahead of', CURE],
    [-280, 'failed', 'behind', CURE],
    [86_400, 'failed', 'ahead of', CURE],
  ])('%i s off is %s', async (seconds, status, side, cure) => {
    expect((await examine({ offMs: seconds * 1_000 }))['clock']).toEqual({
      status,
      seen: clockOff(side),
      cure,
    });
  });
});

describe('a gateway that is not there or not WeChat Pay', () => {
  it('cannot be reached, and nothing else is asked', async () => {
    const found = await examine({ change: { gatewayUrls: ['http://127.0.0.1:1'] } });
    expect(found['reachable']).toEqual({
      status: 'failed',
      seen: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1 does not answer \(\w+/) as unknown,
      cure: 'Let this machine reach 127.0.0.1: look at its DNS, firewall and certificates; a proxy is not used.',
    });
    const { reachable: _reachable, ...rest } = found;
    expect(_reachable?.status).toBe('failed');
    expect(new Set(Object.values(rest).map(({ status }) => status))).toEqual(new Set(['skipped']));
  });

  it('gives answers that cannot be used', async () => {
    const gatewayUrl = await serve((_, response) => {
      response.sendDate = false;
      response.end('<html>');
    });
    expect(await examine({ change: { gatewayUrls: [gatewayUrl] } })).toMatchObject({
      reachable: { status: 'ok' },
      clock: { status: 'skipped', seen: 'the gateway does not say what time it is' },
      credentials: {
        status: 'failed',
        seen: 'the gateway gave no answer that can be used',
        cure: 'Run doctor again; if it stays, look whether gatewayUrl is WeChat Pay and whether a proxy changes its answers.',
      },
      'answer signature': {
        status: 'failed',
        seen: 'the answer carries no signature',
        cure: 'Look whether gatewayUrl is WeChat Pay and no proxy drops headers.',
      },
      'API v3 key in use': { status: 'skipped' },
    });
  });
});

describe('a gateway of several domains', () => {
  it('is reached at the first that answers, and one that does not is a warning', async () => {
    const dead = await deadPort();
    const found = await examine({ change: { gatewayUrls: [dead, sandbox.url] } });
    expect(found['reachable']).toEqual({
      status: 'ok',
      seen: expect.stringMatching(new RegExp(`^${sandbox.url} answers in \\d+ ms: calls go there$`)) as unknown,
      cure: null,
    });
    expect(found[`domain ${new URL(dead).host}`]).toMatchObject({
      status: 'warning',
      seen: `${dead} does not answer (ECONNREFUSED)`,
      cure: 'Let this machine reach 127.0.0.1: look at its DNS, firewall and certificates; a proxy is not used.',
    });
    expect(found[`domain ${new URL(sandbox.url).host}`]).toMatchObject({ status: 'ok' });
    expect(found['credentials']).toMatchObject({ status: 'ok' });
    expect(found['API v3 key in use']).toMatchObject({ status: 'ok' });
  });

  it('may show the certificate of somebody else', async () => {
    const stranger = await strangersCertificate();
    const found = await examine({ change: { gatewayUrls: [stranger, sandbox.url] } });
    expect(found[`domain ${new URL(stranger).host}`]).toMatchObject({
      status: 'warning',
      seen: expect.stringMatching(/\((DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_ALTNAME_INVALID)\)$/) as unknown,
      cure: expect.stringMatching(/^Look who answers for 127\.0\.0\.1: the certificate is of somebody else/) as unknown,
    });
  });

  it('cannot be reached where no domain answers', async () => {
    const found = await examine({ change: { gatewayUrls: [await deadPort(), await deadPort()] } });
    const statuses = Object.entries(found).map(([name, { status }]) => [name.split(' ')[0], status]);
    expect(statuses.slice(0, 3)).toEqual([
      ['reachable', 'failed'],
      ['domain', 'failed'],
      ['domain', 'failed'],
    ]);
    expect(new Set(statuses.slice(3).map(([, status]) => status))).toEqual(new Set(['skipped']));
  });
});

describe('a gateway behind a proxy', () => {
  const GATEWAY = 'https://wechatpay.test';

  async function proxied(tunnels: Readonly<Record<string, number>> = {}) {
    const front = await tlsFront('wechatpay.test', sandbox.url);
    const proxy = await connectProxy({ 'wechatpay.test:443': front.port, ...tunnels });
    onTestFinished(async () => {
      await proxy.close();
      front.close();
    });
    return { proxy, ca: [front.ca] };
  }

  const outboundProxyAt = (url: string): OutboundProxy => {
    const outboundProxy = parseProxy(url, []);
    if (outboundProxy === undefined) throw new Error('not a proxy');
    return outboundProxy;
  };

  async function throughProxy(url: string, gatewayUrls: V3Merchant['credentials']['gatewayUrls'] = [GATEWAY]) {
    const deps = { check: createChecker({ isFixing: false }), isOffline: false, outboundProxy: outboundProxyAt(url) };
    const asked = { ...merchant, credentials: { ...merchant.credentials, gatewayUrls } };
    const results = await checkProxy(deps, [asked, asked]);
    expect(JSON.stringify(results)).not.toContain(LOGIN.password);
    expect(results.every(({ group, subject }) => group === 'gateway' && subject === 'outbound proxy')).toBe(true);
    return results.map(({ name, status, seen, cure }) => ({ name, status, seen, cure }));
  }

  it('is examined through it', async () => {
    const { proxy, ca } = await proxied();
    const found = await examine({
      change: { gatewayUrls: [GATEWAY] },
      outboundProxy: outboundProxyAt(proxy.url),
      ca,
    });
    expect(Object.values(found).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(new Set(proxy.asked)).toEqual(new Set(['wechatpay.test:443']));
  });

  it('has a proxy that answers, and lets a connection through to each domain or not', async () => {
    const { proxy } = await proxied();
    const host = proxy.urlWithoutLogin;
    expect(await throughProxy(proxy.url, [GATEWAY, 'https://second.wechatpay.test'])).toEqual([
      { name: 'reachable', status: 'ok', seen: `${host} (with a password) answers`, cure: null },
      { name: 'tunnel to wechatpay.test:443', status: 'ok', seen: 'the proxy lets it through', cure: null },
      {
        name: 'tunnel to second.wechatpay.test:443',
        status: 'failed',
        seen: 'the proxy answers 403',
        cure: 'Let the proxy allow CONNECT to second.wechatpay.test:443, or name the host in PAYSAGA_OUTBOUND_PROXY_EXCEPT.',
      },
    ]);
    expect((await throughProxy(proxy.urlWithoutLogin))[1]).toMatchObject({
      status: 'failed',
      seen: 'the proxy answers 407',
      cure: 'Write the user and the password of the proxy into PAYSAGA_OUTBOUND_PROXY, percent-encoded.',
    });
  });

  it('is not reached by a proxy that is away, nor a sandbox by any', async () => {
    const url = (await deadPort()).replace('https', 'http');
    expect(await throughProxy(url)).toEqual([
      {
        name: 'reachable',
        status: 'failed',
        seen: `${url} does not answer (ECONNREFUSED)`,
        cure: 'Correct PAYSAGA_OUTBOUND_PROXY, or let this machine reach the proxy.',
      },
      { name: 'tunnel to wechatpay.test:443', status: 'skipped', seen: 'the proxy does not answer', cure: null },
    ]);
    expect(await throughProxy(url, [sandbox.url])).toEqual([
      { name: 'reachable', status: 'skipped', seen: `no merchant's domain is reached through ${url}`, cure: null },
    ]);
  });
});
