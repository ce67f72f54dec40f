import { generateKeyPairSync } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readEntries } from '../../src/doctor/merchant/entry.js';
import { rawMerchants } from '../../src/entries/merchants.js';
import { useExaminations } from './support/examine.js';
import {
  CANARIES,
  certificateOf,
  OWN_CERTIFICATE,
  OWN_KEY,
  publicOf,
  rsaKey,
  VALID,
  WECHAT_KEY,
} from './support/merchant-folder.js';

const { folder, examine, check } = useExaminations(VALID);

describe('a merchant of whom everything is right', () => {
  it('passes every check that has something to look at', async () => {
    const results = await examine();
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'private key ok',
      'certificate ok',
      'API v3 key ok',
      'API v2 key skipped',
      'public key ok',
      'platform certificates skipped',
      'permissions ok',
      'appids ok',
      'gateway URL ok',
      'limits ok',
      'webhook skipped',
      'checkout page skipped',
    ]);
    expect(new Set(results.map(({ subject }) => subject))).toEqual(new Set(['1900000001']));
    expect(results.every(({ cure }) => cure === null)).toBe(true);
  });
});

describe('a merchant of API v3 whose codes are charged over API v2', () => {
  const { mchid: commonName } = VALID;
  const scanning = { codeScan: 'v2', apiV2KeyFile: 'api_v2_key', certificateFile: 'shown_cert.pem' };
  const files = { 'shown_cert.pem': certificateOf(OWN_KEY, { commonName }).pem };

  it('passes the checks of what a reverse shows beside those of API v3', async () => {
    const results = await examine({ entry: scanning, files });
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'private key ok',
      'certificate ok',
      'API v3 key ok',
      'API v2 key ok',
      'public key ok',
      'platform certificates skipped',
      'client certificate ok',
      'sign type ok',
      'secapi URL skipped',
      'secapi CA skipped',
      'permissions ok',
      'appids ok',
      'gateway URL ok',
      'limits ok',
      'webhook skipped',
      'checkout page skipped',
    ]);
  });

  it.each([
    ['API v2 key', { apiV2KeyFile: undefined }, 'apiV2KeyFile is not given'],
    ['client certificate', { certificateFile: undefined }, 'certificateFile is not given'],
    ['client certificate', { certificateFile: 'apiclient_cert.pem' }, 'certificateFile is not made for this mchid'],
    ['sign type', { signType: 'SM3' }, 'signType is neither HMAC-SHA256 nor MD5'],
  ])('fails the %s with %j', async (name, change, seen) => {
    const found = await check(name, { entry: { ...scanning, ...change }, files });
    expect(found).toMatchObject({ status: 'failed', seen });
  });
});

describe('the private key', () => {
  it.each([
    [
      { privateKeyFile: undefined },
      {},
      'privateKeyFile is not given',
      'Name apiclient_key.pem of the API certificate in privateKeyFile.',
    ],
    [
      { privateKeyFile: 'nowhere.pem' },
      {},
      'privateKeyFile cannot be read (ENOENT)',
      'Put the file where privateKeyFile says, readable for the user PaySaga runs as.',
    ],
    [
      { privateKeyFile: 'other.pem' },
      { 'other.pem': publicOf(WECHAT_KEY) },
      'privateKeyFile is not an RSA private key',
      'Name apiclient_key.pem, in PEM form and without a passphrase, not a certificate or a public key.',
    ],
    [
      { privateKeyFile: 'other.pem' },
      { 'other.pem': rsaKey(1_024) },
      'an RSA key of 1024 bits',
      'Apply for an API certificate with a key of 2048 bits at the merchant platform.',
    ],
  ])('%j fails', async (entry, files, seen, cure) => {
    expect(await check('private key', { entry, files })).toEqual({ status: 'failed', seen, cure });
  });

  it('of a curve is not one', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const found = await check('private key', { entry: { privateKeyFile: 'other.pem' }, files: { 'other.pem': pem } });
    expect(found).toMatchObject({ status: 'failed', seen: 'privateKeyFile is not an RSA private key' });
  });
});

describe('the certificate beside it', () => {
  const RENEW = 'Renew the API certificate at the merchant platform and change privateKeyFile and serialNo together.';
  const beside = (pem: string, serialNo: string) => ({ entry: { serialNo }, files: { 'apiclient_cert.pem': pem } });

  it('gives its serial number and its end', async () => {
    const { serialNo, pem } = OWN_CERTIFICATE;
    const found = await check('certificate', beside(pem, serialNo.toLowerCase()));
    expect(found.status).toBe('ok');
    expect(found.seen).toContain(serialNo);
  });

  it('names the serial number that serialNo should be', async () => {
    const found = await check('certificate', beside(OWN_CERTIFICATE.pem, 'ABCDEF'));
    expect(found).toEqual({
      status: 'failed',
      seen: "serialNo is not the certificate's",
      cure: `Set serialNo to ${OWN_CERTIFICATE.serialNo}.`,
    });
  });

  it('of another key fails', async () => {
    const other = certificateOf(WECHAT_KEY);
    expect(await check('certificate', beside(other.pem, other.serialNo))).toEqual({
      status: 'failed',
      seen: 'apiclient_cert.pem belongs to another key than privateKeyFile',
      cure: 'Name the apiclient_key.pem that was made together with this certificate.',
    });
  });

  it('that has expired, expires soon or is not valid yet is told apart', async () => {
    const expired = certificateOf(OWN_KEY, { days: -1 });
    expect(await check('certificate', beside(expired.pem, expired.serialNo))).toMatchObject({
      status: 'failed',
      seen: expect.stringMatching(/^expired on /) as unknown,
      cure: RENEW,
    });
    const soon = certificateOf(OWN_KEY, { days: 20.5 });
    expect(await check('certificate', beside(soon.pem, soon.serialNo))).toMatchObject({
      status: 'warning',
      seen: expect.stringMatching(/^expires in 20 days/) as unknown,
      cure: RENEW,
    });
    const future = certificateOf(OWN_KEY, { from: 2 });
    expect(await check('certificate', beside(future.pem, future.serialNo))).toMatchObject({
      status: 'failed',
      seen: expect.stringMatching(/^not valid before /) as unknown,
      cure: 'Set the clock of this machine right.',
    });
  });

  it('may be something else, or not be there', async () => {
    expect(await check('certificate', beside('nonsense', OWN_CERTIFICATE.serialNo))).toMatchObject({
      status: 'failed',
      seen: 'apiclient_cert.pem is not a certificate',
    });
    const elsewhere = { entry: { privateKeyFile: 'sub/apiclient_key.pem' } };
    expect(await check('certificate', elsewhere)).toMatchObject({ status: 'skipped' });
  });

  afterAll(() => folder.write({ 'apiclient_cert.pem': OWN_CERTIFICATE.pem }));
});

describe('the API keys', () => {
  it.each([
    ['short', CANARIES.apiV3Key.slice(1), 31],
    ['in quotes', `"${CANARIES.apiV3Key}"`, 34],
    ['empty', '', 0],
    ['with a byte order mark', `\ufeff${CANARIES.apiV3Key}`, 35],
  ])('of API v3, %s, is told by its length', async (_, text, bytes) => {
    const found = await check('API v3 key', { entry: { apiV3KeyFile: 'other_key' }, files: { other_key: text } });
    expect(found).toEqual({
      status: 'failed',
      seen: `the API v3 key has ${bytes} bytes instead of 32`,
      cure: 'Write exactly the 32 characters set at the merchant platform into the file, without quotes, spaces or a byte order mark.',
    });
  });

  it('of API v3 has to be given', async () => {
    expect(await check('API v3 key', { entry: { apiV3KeyFile: undefined } })).toEqual({
      status: 'failed',
      seen: 'apiV3KeyFile is not given',
      cure: 'Set an API v3 key at the merchant platform and name its file.',
    });
  });

  it('of API v2 are looked at where they are given', async () => {
    const entry = { apiV2KeyFile: 'api_v2_key' };
    expect(await check('API v2 key', { entry })).toMatchObject({ status: 'ok', seen: '32 bytes' });
    const files = { other_key: CANARIES.apiV2Key.slice(2) };
    expect(await check('API v2 key', { entry: { apiV2KeyFile: 'other_key' }, files })).toEqual({
      status: 'failed',
      seen: 'the API v2 key has 30 bytes instead of 32',
      cure: 'Write exactly the 32 characters set at the merchant platform into the file, without quotes, spaces or a byte order mark.',
    });
    expect(await check('API v2 key', { entry: { apiV2KeyFile: 'nowhere' } })).toMatchObject({
      status: 'failed',
      seen: 'apiV2KeyFile cannot be read (ENOENT)',
    });
  });
});

describe("WeChat Pay's public key", () => {
  const WHERE = "Name pub_key.pem, WeChat Pay's public key from the merchant platform (API security).";

  it.each([
    [
      'without its file',
      { publicKeyFile: undefined },
      'publicKeyId is given without publicKeyFile',
      'Add publicKeyFile, which stands beside it at the merchant platform.',
    ],
    [
      'without its ID',
      { publicKeyId: undefined },
      'publicKeyFile is given without publicKeyId',
      'Add publicKeyId, which stands beside it at the merchant platform.',
    ],
    [
      'with a serial number for an ID',
      { publicKeyId: OWN_CERTIFICATE.serialNo },
      'publicKeyId is not of the form PUB_KEY_ID_ and digits',
      'Copy the ID of the public key from the merchant platform; a certificate serial is not one.',
    ],
    ['that is the private key', { publicKeyFile: 'apiclient_key.pem' }, 'publicKeyFile holds a private key', WHERE],
    [
      'that is a certificate',
      { publicKeyFile: 'apiclient_cert.pem' },
      'publicKeyFile holds a certificate',
      "Name pub_key.pem, WeChat Pay's public key from the merchant platform (API security); a platform certificate goes into platformCertificateFiles.",
    ],
    ["that is the merchant's own", { publicKeyFile: 'own.pem' }, "publicKeyFile is the merchant's own key", WHERE],
    ['that is no key', { publicKeyFile: 'merchants.json' }, 'publicKeyFile is not an RSA public key', WHERE],
  ])('%s fails', async (_, entry, seen, cure) => {
    const files = { 'own.pem': publicOf(OWN_KEY) };
    expect(await check('public key', { entry, files })).toEqual({ status: 'failed', seen, cure });
  });

  it('need not be there', async () => {
    const entry = { publicKeyId: undefined, publicKeyFile: undefined };
    expect(await check('public key', { entry })).toMatchObject({ status: 'skipped' });
  });
});

describe('platform certificates', () => {
  const REPLACE = 'Download the platform certificate in force and name it beside this one, or move to the public key.';
  const current = certificateOf(WECHAT_KEY);
  const expired = certificateOf(WECHAT_KEY, { days: -1 });
  const soon = certificateOf(WECHAT_KEY, { days: 10.5 });
  const files = { 'now.pem': current.pem, 'old.pem': expired.pem, 'soon.pem': soon.pem, 'nonsense.pem': 'x' };
  const named = (...platformCertificateFiles: string[]) => ({ entry: { platformCertificateFiles }, files });

  it('beside the public key are fine, and an old one beside a new one', async () => {
    const found = await check('platform certificates', named('now.pem', 'old.pem'));
    expect(found.status).toBe('ok');
    expect(found.seen).toContain(`${current.serialNo} until `);
    expect(found.seen).toContain(`${expired.serialNo} until `);
  });

  it.each([
    ['failed', ['old.pem'], /^expired on /, REPLACE],
    ['warning', ['soon.pem'], /^expires in 10 days/, REPLACE],
    ['failed', ['now.pem', 'nonsense.pem'], /^platformCertificateFiles\[1\] is not a certificate$/, REPLACE],
    [
      'failed',
      ['nowhere.pem'],
      /^platformCertificateFiles\[0\] cannot be read \(ENOENT\)$/,
      'Put the file where platformCertificateFiles[0] says, readable for the user PaySaga runs as.',
    ],
    [
      'failed',
      ['apiclient_cert.pem'],
      /^platformCertificateFiles\[0\] is the merchant's own certificate$/,
      "Name WeChat Pay's platform certificate there, not apiclient_cert.pem.",
    ],
    [
      'warning',
      ['now.pem', 'now.pem'],
      /^two of them have the same serial number$/,
      'Name each platform certificate once.',
    ],
  ])('%s: %j', async (status, names, seen, cure) => {
    expect(await check('platform certificates', named(...names))).toEqual({
      status,
      seen: expect.stringMatching(seen) as unknown,
      cure,
    });
  });
});

describe('the modes of key files', () => {
  it('that let everybody read are a warning, and --fix closes them', async () => {
    const entry = {
      privateKeyFile: 'open_key.pem',
      webhook: { url: 'https://shop.example.com', secretFiles: ['open'] },
    };
    await folder.write({ 'open_key.pem': OWN_KEY, open: CANARIES.webhookSecret }, 0o644);
    expect(await check('permissions', { entry })).toEqual({
      status: 'warning',
      seen: 'every user of this machine may read open_key.pem, open',
      cure: 'Run chmod 600 on them as their owner, or --fix.',
    });
    const repaired = (await examine({ entry, isFixing: true })).find(({ name }) => name === 'permissions');
    expect(repaired).toMatchObject({ status: 'ok', fixed: true, cure: null });
    expect((await stat(join(folder.path, 'open_key.pem'))).mode & 0o777).toBe(0o600);
  });

  it('that let a group read, and public keys that everybody reads, are fine', async () => {
    await folder.write({ 'group_key.pem': OWN_KEY }, 0o640);
    await folder.write({ 'pub_key.pem': publicOf(WECHAT_KEY) }, 0o644);
    expect(await check('permissions', { entry: { privateKeyFile: 'group_key.pem' } })).toMatchObject({ status: 'ok' });
  });
});

describe('appids, gateway and limits', () => {
  it.each([
    [{}, 'failed', 'appids is empty, so no order can be made', 'Name an appid for each product the shop sells with.'],
    [
      { micropay: 'wx0123456789abcdef' },
      'failed',
      'appids names no product of PaySaga: micropay',
      'Use native, jsapi, miniProgram, app, h5, codeScan.',
    ],
    [
      { native: 'wx0123456789abcdef', app: 'wx01' },
      'warning',
      'not the usual form of an appid: app',
      'Compare with the appid at the WeChat platform: wx and 16 hexadecimal digits, bound to this mchid.',
    ],
  ])('appids %j', async (appids, status, seen, cure) => {
    expect(await check('appids', { entry: { appids } })).toEqual({ status, seen, cure });
  });

  const GATEWAY = 'Set gatewayUrl to https://api.mch.weixin.qq.com, or to a sandbox on this machine.';
  it.each([
    [undefined, 'failed', 'gatewayUrl is not a URL'],
    ['http://api.mch.weixin.qq.com', 'failed', 'http://api.mch.weixin.qq.com is not https'],
    ['https://api.mch.weixin.qq.com/v3', 'failed', 'gatewayUrl has a path'],
    ['https://pay.example.com', 'warning', 'pay.example.com is not WeChat Pay'],
  ])('gatewayUrl %s', async (gatewayUrl, status, seen) => {
    expect(await check('gateway URL', { entry: { gatewayUrl } })).toEqual({ status, seen, cure: GATEWAY });
  });

  const [MAIN, BACKUP] = ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com'];
  it.each([
    [[MAIN, BACKUP], 'ok', `${MAIN}, then ${BACKUP}`],
    [[MAIN, 'http://127.0.0.1:8090'], 'failed', 'gatewayUrls mixes WeChat Pay with something else'],
    [[MAIN, `${BACKUP}/v3`], 'failed', 'gatewayUrls[1] has a path'],
    [[], 'failed', 'gatewayUrls is empty'],
  ])('gatewayUrls %j', async (gatewayUrls, status, seen) => {
    const entry = { gatewayUrl: undefined, gatewayUrls };
    expect(await check('gateway URL', { entry })).toMatchObject({ status, seen });
  });

  it('gatewayUrl beside gatewayUrls', async () => {
    const seen = 'gatewayUrl and gatewayUrls are both given';
    expect(await check('gateway URL', { entry: { gatewayUrls: [MAIN] } })).toMatchObject({ status: 'failed', seen });
  });

  it.each([
    [{ refund: 500 }, 1, 'more calls a second than WeChat Pay allows: refund', 'Lower limits.refund to 150.'],
    [
      { query: 1 },
      20,
      'less than a call in ten seconds for each worker: query',
      'Limits are calls a second of all workers together: raise them, or lower PAYSAGA_WORKERS.',
    ],
  ])('limits %j among %i workers are a warning', async (limits, workers, seen, cure) => {
    expect(await check('limits', { entry: { limits }, workers })).toEqual({ status: 'warning', seen, cure });
  });

  it('limits that are given are shown', async () => {
    expect(await check('limits', { entry: { limits: { query: 50 } } })).toMatchObject({
      status: 'ok',
      seen: 'query 50/s',
    });
  });
});

describe('the webhook', () => {
  const MAKE = 'Make one with: (umask 077; echo "whsec_$(openssl rand -base64 32)" > FILE).';
  const right = { url: 'https://shop.example.com/paysaga', secretFiles: ['webhook_secret'] };

  it('with a public URL and a secret is fine', async () => {
    expect(await check('webhook', { entry: { webhook: right } })).toMatchObject({ status: 'ok' });
  });

  it.each([
    [{ url: 'ftp://shop.example.com' }, 'webhook.url must be an https URL', /^Set webhook.url to an https URL/],
    [
      { url: 'https://u:p@shop.example.com' },
      'webhook.url must not hold credentials',
      /^Set webhook.url to an https URL/,
    ],
    [{ url: 'https://10.0.0.1' }, 'webhook.url is neither public nor in allowedPrivateRanges', /^Set webhook.url/],
    [{ secretFiles: [] }, 'webhook.secretFiles is empty', /^Make one with/],
    [{ secretFiles: ['webhook_secret', 'nowhere'] }, 'webhook.secretFiles[1] cannot be read (ENOENT)', /^Put the file/],
  ])('%j fails', async (change, seen, cure) => {
    expect(await check('webhook', { entry: { webhook: { ...right, ...change } } })).toEqual({
      status: 'failed',
      seen,
      cure: expect.stringMatching(cure) as unknown,
    });
  });

  it('with a secret of another form fails without showing it', async () => {
    const entry = { webhook: { ...right, secretFiles: ['odd_secret'] } };
    expect(await check('webhook', { entry, files: { odd_secret: CANARIES.apiV2Key } })).toEqual({
      status: 'failed',
      seen: 'webhook.secretFiles[0] is not whsec_ and 24 to 64 bytes in base64',
      cure: MAKE,
    });
  });

  it('within private ranges is a warning, but not beside a sandbox', async () => {
    const webhook = { ...right, url: 'http://10.0.0.1:9000', allowedPrivateRanges: ['10.0.0.0/8'] };
    expect(await check('webhook', { entry: { webhook } })).toEqual({
      status: 'warning',
      seen: 'webhooks may go to private addresses: 10.0.0.0/8',
      cure: 'Keep allowedPrivateRanges as narrow as the shop needs, or empty for a shop on public addresses.',
    });
    const entry = { webhook, gatewayUrl: 'http://127.0.0.1:8090' };
    expect(await check('webhook', { entry })).toMatchObject({ status: 'ok' });
  });
});

describe('the checkout page', () => {
  const returnOrigins = ['https://shop.example.com'];
  const webhook = { url: 'https://shop.example.com/paysaga', secretFiles: ['webhook_secret'] };

  it('that leads back with a signed state is fine, and so is one with a name alone', async () => {
    expect(await check('checkout page', { entry: { returnOrigins, webhook } })).toMatchObject({
      status: 'ok',
      seen: 'https://shop.example.com',
    });
    const named = await check('checkout page', { entry: { display: { name: 'Tea' } } });
    expect(named).toMatchObject({ status: 'ok', seen: 'no returnOrigins: no way back to the shop' });
  });

  it('that leads back without a secret to sign with is a warning', async () => {
    expect(await check('checkout page', { entry: { returnOrigins } })).toEqual({
      status: 'warning',
      seen: 'links back to the shop carry no state, since there is no secret to sign it with',
      cure: 'Give webhook with a secret, or let the shop ask the API alone.',
    });
  });

  it('whose logo cannot be read fails', async () => {
    const display = { name: 'Tea', logoFile: 'nowhere.png' };
    expect(await check('checkout page', { entry: { display } })).toMatchObject({
      status: 'failed',
      seen: 'display.logoFile cannot be read (ENOENT)',
    });
  });
});

describe('a merchants file with wrong fields', () => {
  it('still has its other fields checked', async () => {
    const results = await examine({ entry: { mchid: 17, serialNo: [], limits: 'none', webhook: 5 } });
    expect(results.find(({ name }) => name === 'API v3 key')).toMatchObject({ status: 'ok', subject: '(no mchid)' });
    expect(results.find(({ name }) => name === 'certificate')).toMatchObject({ status: 'failed' });
  });

  it('that is no merchants file has no merchants', async () => {
    for (const text of ['{', '[]', '{"merchants": 1}']) {
      await folder.write({ 'broken.json': text });
      expect(await readEntries(rawMerchants, join(folder.path, 'broken.json'))).toEqual([]);
    }
    expect(await readEntries(rawMerchants, join(folder.path, 'nowhere.json'))).toEqual([]);
  });
});
