import { createPrivateKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseMchid } from '../../src/base/ids.js';
import type { Merchant } from '../../src/channels/merchant.js';
import type { WechatPayV2Credentials } from '../../src/channels/wechatpay-v2/credentials.js';
import { signKey } from '../../src/channels/wechatpay-v2/signature.js';
import { DEFAULT_POLICY } from '../../src/orders/rules/policy.js';
import { NO_FOREIGN } from '../../src/reconciliation/rules/foreign.js';
import type { Sandbox } from '../../src/sandbox/start.js';
import { merchantOf as v3MerchantOf } from '../channels/support/merchant.js';
import { startTlsAlert } from '../channels/support/tls-alert.js';
import { control, merchantOf, type Credentials } from '../sandbox/support/client.js';
import { sandboxControl, type Fault } from '../support/sandbox-control.js';
import { startTestSandbox } from '../support/sandbox.js';
import { clockOff, examined, examinedOffline, serve } from './support/gateway.js';
import { CANARIES, certificateOf, OWN_KEY } from './support/merchant-folder.js';

let sandbox: Sandbox;
let credentials: Credentials;
let merchant: Merchant<WechatPayV2Credentials>;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  credentials = await merchantOf(sandbox);
  merchant = asConfigured(credentials);
});
afterEach(() => sandboxControl(sandbox.url, credentials.mchid).repair());
afterAll(() => sandbox.close());

function asConfigured(given: Credentials): Merchant<WechatPayV2Credentials> {
  const mchid = parseMchid(given.mchid);
  if (!mchid.ok) throw new Error('the sandbox gave no mchid');
  return {
    mchid: mchid.value,
    appids: { native: [given.appid] },
    policy: DEFAULT_POLICY,
    foreign: NO_FOREIGN,
    credentials: {
      protocol: 'v2',
      mchid: mchid.value,
      apiV2Key: signKey(given.apiV2Key),
      signType: 'HMAC-SHA256',
      certificate: given.certificatePem,
      privateKey: createPrivateKey(given.privateKeyPem),
      gatewayUrls: [sandbox.url],
      secapiUrls: [given.secapiUrl],
      secapiCa: given.secapiCaPem,
      limits: {},
    },
  };
}

type Asked = {
  readonly change?: Partial<WechatPayV2Credentials>;
  readonly appids?: Merchant['appids'];
  readonly offMs?: number;
};

/** Every check of the gateway by its name, with one thing of the merchant changed or the clock of this machine off. */
function examine({ change = {}, appids = merchant.appids, offMs = 0 }: Asked = {}) {
  return shown({ ...merchant, appids, credentials: { ...merchant.credentials, ...change } }, offMs);
}

const shown = (asked: Merchant, offMs = 0) =>
  examined(asked, { offMs, secrets: [credentials.apiV2Key, CANARIES.apiV2Key] });

const keyInUse = async (asked: Asked = {}) => (await examine(asked))['API v2 key in use'];
const certificateInUse = async (asked: Asked = {}) => (await examine(asked))['client certificate in use'];

const fault = (it: Fault): Promise<void> => sandboxControl(sandbox.url, credentials.mchid).fault(it);
const refusal = (on: 'query' | 'refund', code: string, more: object = {}): Fault => ({
  ...{ on, kind: 'error', status: 400, code, effect: false, times: 0 },
  ...more,
});

describe('a gateway that knows the merchant of API v2', () => {
  it.each(['HMAC-SHA256', 'MD5'] as const)(
    'proves by %s key, mchid, appids and certificate, and changes nothing',
    async (signType) => {
      const found = await examine({ change: { signType } });
      expect(Object.entries(found).map(([name, { status }]) => `${name} ${status}`)).toEqual([
        'reachable ok',
        'clock ok',
        'API v2 key in use ok',
        'client certificate in use ok',
      ]);
      expect(found['API v2 key in use']?.seen).toContain(credentials.appid);
      expect(await sandboxControl(sandbox.url, credentials.mchid).trades()).toEqual([]);
      expect(await control(sandbox, 'GET', `/refunds?mchid=${credentials.mchid}`)).toEqual([]);
    },
  );

  it('is not asked when offline', async () => {
    expect(await examinedOffline(merchant)).toEqual(Array(4).fill('skipped --offline'));
  });

  it('is asked with the API v2 key of a merchant of API v3, too', async () => {
    const { credentials: v3, ...rest } = v3MerchantOf(credentials, sandbox.url, 'publicKey');
    const withKey = (apiV2Key: string) => shown({ ...rest, credentials: { ...v3, apiV2Key: signKey(apiV2Key) } });
    const right = await withKey(credentials.apiV2Key);
    expect(Object.keys(right)).toEqual([
      'reachable',
      'clock',
      'credentials',
      'answer signature',
      'API v3 key in use',
      'API v2 key in use',
    ]);
    expect(right['API v2 key in use']?.status).toBe('ok');
    const wrong = await withKey(CANARIES.apiV2Key);
    expect(wrong['API v2 key in use']).toMatchObject({ status: 'failed', seen: 'SIGNERROR: 签名错误' });
    expect(wrong['credentials']?.status).toBe('ok');
  });

  it('is shown the certificate of a merchant of API v3 who charges codes over API v2', async () => {
    const { credentials: v3, ...rest } = v3MerchantOf(credentials, sandbox.url, 'publicKey');
    const { apiV2Key } = merchant.credentials;
    const charging = (certificate: string) => {
      const codeScanV2 = { ...merchant.credentials, signType: 'MD5', certificate } as const;
      return shown({ ...rest, codeScan: 'v2', credentials: { ...v3, apiV2Key, codeScanV2 } });
    };
    const right = await charging(credentials.certificatePem);
    expect(right).toMatchObject({
      'API v2 key in use': { status: 'ok' },
      'client certificate in use': { status: 'ok', seen: `${credentials.secapiUrl} takes it` },
    });
    const wrong = await charging(certificateOf(credentials.privateKeyPem, { commonName: credentials.mchid }).pem);
    expect(wrong['client certificate in use']).toMatchObject({ status: 'failed' });
  });
});

describe('the API v2 key in use', () => {
  it('that is another is SIGNERROR, and says nothing against the certificate', async () => {
    const found = await examine({ change: { apiV2Key: signKey(CANARIES.apiV2Key) } });
    expect(found['API v2 key in use']).toEqual({
      status: 'failed',
      seen: 'SIGNERROR: 签名错误',
      cure: 'Write the API v2 key of the merchant platform (API security) into apiV2KeyFile.',
    });
    expect(found['client certificate in use']?.status).toBe('ok');
  });

  it('is asked under each appid, and the one that is not bound is named', async () => {
    expect(await keyInUse({ appids: { native: [credentials.appid, 'wxfedcba9876543210'] } })).toEqual({
      status: 'failed',
      seen: 'wxfedcba9876543210: APPID_MCHID_NOT_MATCH: appid和mch_id不匹配',
      cure: 'Bind the appid to the mchid at the merchant platform, or correct appids or mchid.',
    });
    expect(await keyInUse({ appids: {} })).toMatchObject({ status: 'skipped' });
  });

  it.each([
    [
      'NOAUTH',
      'Apply for the product at the merchant platform (product centre), or lift the restriction it shows there.',
    ],
    ['MCHID_NOT_EXIST', 'Correct mchid: WeChat Pay knows no merchant with this number.'],
    ['SYSTEMERROR', 'Run doctor again later: the fault is at WeChat Pay.'],
    ['SOMETHING_NEW', 'Look the code up in the documentation of WeChat Pay and repair the merchant there.'],
  ])('%s has a cure of its own', async (code, cure) => {
    await fault(refusal('query', code));
    expect(await keyInUse()).toEqual({ status: 'failed', seen: `${code}: sandbox fault`, cure });
  });

  it('that is asked for too often is a warning', async () => {
    await fault(refusal('query', 'FREQUENCY_LIMITED'));
    expect(await keyInUse()).toMatchObject({ status: 'warning', seen: 'WeChat Pay takes no more calls just now' });
  });

  it('is not proven by an answer with another sign, or none', async () => {
    const expected = {
      status: 'failed',
      seen: 'the answer is not signed with the API v2 key',
      cure: 'Look whether gatewayUrl is WeChat Pay and no proxy changes its answers.',
    };
    await fault({ on: 'query', kind: 'badSignature', times: 0 });
    expect(await keyInUse()).toEqual(expected);
    await sandboxControl(sandbox.url, credentials.mchid).repair();
    await fault(refusal('query', 'ORDERNOTEXIST', { signed: false }));
    expect(await keyInUse()).toEqual(expected);
  });
});

describe('the client certificate in use', () => {
  const RENAME =
    'Name apiclient_cert.pem and apiclient_key.pem of the API certificate in force at the merchant platform, and let secapiUrl be https.';
  const refused = (seen: string) => ({ status: 'failed', seen, cure: RENAME });
  const shownAs = (certificate: string, privateKeyPem: string) => ({
    change: { certificate, privateKey: createPrivateKey(privateKeyPem) },
  });

  const BAD_CERTIFICATE = 42;

  it("that is another merchant's is refused in WeChat Pay's words", async () => {
    const other = await control<Credentials>(sandbox, 'POST', '/merchants', { protocol: 'v2' });
    expect(await certificateInUse(shownAs(other.certificatePem, other.privateKeyPem))).toEqual(
      refused('CERT_ERROR: 证书与商户号不匹配'),
    );
  });

  it('that nobody issued, or that plain http does not show, is not seen', async () => {
    const saw = (url: string) => refused(`${url} saw no certificate that it takes`);
    const own = certificateOf(OWN_KEY, { commonName: credentials.mchid });
    expect(await certificateInUse(shownAs(own.pem, OWN_KEY))).toEqual(saw(credentials.secapiUrl));
    expect(await certificateInUse({ change: { secapiUrls: [sandbox.url] } })).toEqual(saw(sandbox.url));
  });

  it('is not shown to a server that nobody vouches for', async () => {
    expect(await certificateInUse({ change: { secapiCa: undefined } })).toEqual({
      status: 'failed',
      seen: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+ is not trusted \((UNABLE|SELF)_\w+\)$/) as unknown,
      cure: "Name in secapiCaFile the authority that signed that server's certificate; WeChat Pay's needs none.",
    });
  });

  it('may be refused in the handshake', async () => {
    const secapiUrl = await startTlsAlert(BAD_CERTIFICATE);
    expect(await certificateInUse({ change: { secapiUrls: [secapiUrl] } })).toEqual(
      refused(`${secapiUrl} ends the TLS handshake`),
    );
  });

  it('is not judged where nothing answers, or nothing of the API', async () => {
    expect(await certificateInUse({ change: { secapiUrls: ['https://127.0.0.1:1'] } })).toMatchObject({
      status: 'failed',
      seen: 'https://127.0.0.1:1 does not answer',
    });
    const secapiUrl = await serve((_, response) => response.end('<html>'));
    expect(await certificateInUse({ change: { secapiUrls: [secapiUrl] } })).toMatchObject({
      status: 'failed',
      seen: 'the gateway gave no answer that can be used',
    });
  });

  it('is not proven by an answer with another sign', async () => {
    await fault({ on: 'refund', kind: 'badSignature', times: 0 });
    expect(await certificateInUse()).toEqual({
      status: 'failed',
      seen: 'the gateway gave no answer that can be used',
      cure: 'Run doctor again; if it stays, look whether gatewayUrl and secapiUrl are WeChat Pay and whether a proxy changes its answers.',
    });
  });

  it('is fine whatever the API says of the refund', async () => {
    await fault(refusal('refund', 'SYSTEMERROR'));
    expect(await certificateInUse()).toMatchObject({ status: 'ok' });
  });

  it.each(['CERT_ERROR', 'CERTERROR'])('%s is about it', async (code) => {
    await fault(refusal('refund', code));
    expect(await certificateInUse()).toEqual(refused(`${code}: sandbox fault`));
  });
});

describe('the clock', () => {
  const CURE = "Set this machine's clock by NTP: API v2 refuses no call for it, but orders end too early or too late.";

  it.each([
    [10, 'ok', 'ahead of', null],
    [-60, 'warning', 'behind', CURE],
    [86_400, 'warning', 'ahead of', CURE],
  ])('%i s off is %s', async (seconds, status, side, cure) => {
    expect((await examine({ offMs: seconds * 1_000 }))['clock']).toEqual({
      status,
      seen: clockOff(side),
      cure,
    });
  });
});

it('a gateway that is not there is unreachable, and nothing else is asked', async () => {
  const { reachable, ...rest } = await examine({ change: { gatewayUrls: ['http://127.0.0.1:1'] } });
  expect(reachable?.status).toBe('failed');
  expect(new Set(Object.values(rest).map(({ status }) => status))).toEqual(new Set(['skipped']));
});
