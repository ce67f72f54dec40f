import { NO_FOREIGN } from '../../src/reconciliation/rules/foreign.js';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { V3Merchant } from '../channels/support/merchant.js';
import { parseMchid } from '../../src/base/ids.js';
import { DEFAULT_POLICY } from '../../src/orders/rules/policy.js';
import type { Sandbox } from '../../src/sandbox/start.js';
import { merchantOf, type Credentials } from '../sandbox/support/client.js';
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

type Asked = { readonly change?: Partial<V3Merchant['credentials']>; readonly offMs?: number };

/** Every check of the gateway by its name, with one thing of the credentials changed or the clock of this machine off. */
function examine({ change = {}, offMs = 0 }: Asked = {}): Promise<Record<string, Shown>> {
  const asked = { ...merchant, credentials: { ...merchant.credentials, ...change } };
  return examined(asked, { offMs, secrets: [credentials.apiV3Key, CANARIES.apiV3Key] });
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
