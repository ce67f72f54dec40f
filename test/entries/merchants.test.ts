import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Merchant } from '../../src/channels/merchant.js';
import type { WechatPayV2Credentials } from '../../src/channels/wechatpay-v2/credentials.js';
import type { WechatPayV3Credentials } from '../../src/channels/wechatpay-v3/credentials.js';
import { loadMerchants, MerchantsFileError } from '../../src/entries/merchants.js';
import { issueCertificate } from '../../src/sandbox/identity/certificate.js';
import { PUBLISHED_CERTIFICATE } from '../channels/support/wechatpay-go-notify.js';

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const wechat = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const API_V2_KEY = 'fedcba9876543210fedcba9876543210';
const API_V3_KEY = '0123456789abcdef0123456789abcdef';

const [NEW_SECRET, OLD_SECRET] = [0xa1, 0xb2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`);

const valid = {
  mchid: '1900000001',
  protocol: 'v3',
  appids: { native: 'wx8888888888888888', jsapi: 'wx9999999999999999' },
  serialNo: '408b07e79b8269fec3d5d3e6ab8ed163a6a380db',
  privateKeyFile: 'apiclient_key.pem',
  apiV3KeyFile: 'apiv3.key',
  publicKeyId: 'PUB_KEY_ID_0116000000000000000000000000000001',
  publicKeyFile: 'pub_key.pem',
  platformCertificateFiles: ['platform_cert.pem'],
  gatewayUrl: 'https://api.mch.weixin.qq.com',
};

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'merchants-'));
  file = join(folder, 'merchants.json');
  const spki = { type: 'spki', format: 'pem' } as const;
  const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
  await writeFile(join(folder, 'apiclient_key.pem'), own.privateKey.export(pkcs8));
  await writeFile(join(folder, 'own_public.pem'), own.publicKey.export(spki));
  await writeFile(join(folder, 'pub_key.pem'), wechat.publicKey.export(spki));
  await writeFile(join(folder, 'curve_key.pem'), curve.privateKey.export(pkcs8));
  await writeFile(join(folder, 'platform_cert.pem'), PUBLISHED_CERTIFICATE);
  await writeFile(join(folder, 'apiv3.key'), `${API_V3_KEY}\n`);
  await writeFile(join(folder, 'apiv2.key'), `${API_V2_KEY}\n`);
  await writeFile(join(folder, 'apiclient_cert.pem'), ownCertificate());
  await writeFile(join(folder, 'short.key'), API_V3_KEY.slice(1));
  await writeFile(join(folder, 'new_secret'), `${NEW_SECRET}\n`);
  await writeFile(join(folder, 'old_secret'), `${OLD_SECRET}\n`);
});
afterEach(() => rm(folder, { recursive: true }));

const ownCertificate = (): string =>
  issueCertificate({
    subject: { commonName: '1900000003', organization: 'a test', unit: 'a test' },
    publicKeyPem: own.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    issuer: { commonName: 'a test CA', organization: 'a test', unit: 'a test' },
    issuerPrivateKeyPem: wechat.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 3_600_000),
    authority: false,
  }).pem;

async function load(...entries: object[]) {
  await writeFile(file, JSON.stringify({ merchants: entries }));
  return [...(await loadMerchants(file)).values()];
}

function v3Credentials(merchant: Merchant | undefined): WechatPayV3Credentials {
  if (merchant?.credentials.protocol !== 'v3') throw new Error('not a merchant of v3');
  return merchant.credentials;
}

async function problemOf(loading: Promise<unknown>): Promise<string> {
  const error: unknown = await loading.catch((reason: unknown) => reason);
  if (!(error instanceof MerchantsFileError)) throw new Error(`expected a MerchantsFileError, got ${String(error)}`);
  expect(error.message.startsWith(`${file}: `)).toBe(true);
  return error.message.slice(file.length + 2);
}

test('a product may be sold with several appids, the first of which is the default', async () => {
  const [merchant] = await load({ ...valid, appids: { native: ['wx8888888888888888', 'wx7777777777777777'] } });
  expect(merchant?.appids).toEqual({ native: ['wx8888888888888888', 'wx7777777777777777'] });
  const twice = { ...valid, appids: { native: ['wx8888888888888888', 'wx8888888888888888'] } };
  await expect(load(twice)).rejects.toThrow('names one twice');
});

test('a merchant has its keys, found beside the file, and the default policy', async () => {
  const [merchant] = await load(valid);
  expect(merchant).toMatchObject({
    mchid: '1900000001',
    appids: { native: ['wx8888888888888888'], jsapi: ['wx9999999999999999'] },
    policy: { latePayment: 'refund', fulfilment: { required: false } },
    credentials: {
      protocol: 'v3',
      mchid: '1900000001',
      serialNo: '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB',
      apiV3Key: API_V3_KEY,
      requestSerial: 'PUB_KEY_ID_0116000000000000000000000000000001',
      gatewayUrls: ['https://api.mch.weixin.qq.com'],
      limits: {},
    },
  });
  const { privateKey, publicKeys, apiV2Key } = v3Credentials(merchant);
  expect(privateKey.equals(own.privateKey)).toBe(true);
  expect([...publicKeys.keys()]).toEqual([valid.publicKeyId, 'D7CE59D1F522D701']);
  expect(publicKeys.get(valid.publicKeyId)?.equals(wechat.publicKey)).toBe(true);
  expect(apiV2Key).toBeUndefined();
});

test('a merchant in certificate mode needs the API v3 key only', async () => {
  const { publicKeyId: _id, publicKeyFile: _file, platformCertificateFiles: _certificates, ...bare } = valid;
  expect([_id, _file, _certificates]).toHaveLength(3);
  const [merchant] = await load(bare);
  expect(v3Credentials(merchant).publicKeys.size).toBe(0);
  expect(v3Credentials(merchant).requestSerial).toBeUndefined();
});

test('limits and policy are taken as given, the rest of the policy from the default', async () => {
  const fulfilment = { required: true, deadlineSeconds: 3_600 };
  const [merchant] = await load({ ...valid, limits: { query: 50 }, policy: { fulfilment } });
  expect(merchant?.credentials.limits).toEqual({ query: 50 });
  expect(merchant?.policy).toEqual({
    latePayment: 'refund',
    fulfilment: { required: true, deadlineSeconds: 3_600, onDeadline: 'refund' },
  });
});

test('nobody has to approve a refund unless the file says above which sum', async () => {
  const merchants = await load(valid, { ...valid, mchid: '1900000002', approval: { refundAboveFen: 0 } });
  expect(merchants.map(({ approval }) => approval)).toEqual([undefined, { refundAboveFen: 0 }]);
});

test('several merchants are loaded, one mchid once', async () => {
  expect(await load(valid, { ...valid, mchid: '1900000002' })).toHaveLength(2);
  expect(await problemOf(load(valid, valid))).toBe('merchants[1].mchid: appears twice');
});

const webhook = { url: 'https://shop.example/hooks', secretFiles: ['new_secret', 'old_secret'] };

test('a merchant whose shop listens has an endpoint: its secrets newest first, private addresses only by name', async () => {
  const inside = { ...webhook, url: 'http://10.0.0.5/', allowedPrivateRanges: ['10.0.0.0/8'] };
  const [open, closed, none] = await load(
    { ...valid, webhook },
    { ...valid, mchid: '1900000002', webhook: inside },
    { ...valid, mchid: '1900000003' },
  );
  const secrets = [NEW_SECRET, OLD_SECRET];
  expect(open?.webhook).toEqual({ url: 'https://shop.example/hooks', secrets, allowedPrivateRanges: [] });
  expect(closed?.webhook).toEqual({ url: 'http://10.0.0.5/', secrets, allowedPrivateRanges: ['10.0.0.0/8'] });
  expect(none?.webhook).toBeNull();
  const merchants = await loadMerchants(file);
  expect([...merchants].map(([mchid, { webhook }]) => [mchid, webhook])).toEqual([
    [open?.mchid, open?.webhook],
    [closed?.mchid, closed?.webhook],
    [none?.mchid, null],
  ]);
});

test.each([
  [{ url: 'shop.example' }, 'url: must be an https URL'],
  [{ url: 'http://shop.example' }, 'url: must be https, or http within allowedPrivateRanges'],
  [{ url: 'https://127.0.0.1' }, 'url: is neither public nor in allowedPrivateRanges'],
  [{ url: 'https://me:secret@shop.example' }, 'url: must not hold credentials'],
  [{ secretFiles: ['new_secret', 'nowhere'] }, 'secretFiles[1]: cannot be read (ENOENT)'],
  [{ secretFiles: ['apiv3.key'] }, 'secretFiles[0]: must hold whsec_ and 24 to 64 bytes in base64'],
  [
    { allowedPrivateRanges: ['::1/128', '10.0.0.1'] },
    'allowedPrivateRanges[1]: must be a range such as 10.0.0.0/8 or fd00::/8',
  ],
])('webhook %j is refused: %s', async (change, problem) => {
  const entry = { ...valid, webhook: { ...webhook, ...change } };
  expect(await problemOf(load(entry))).toBe(`merchants[0].webhook.${problem}`);
});

test.each([{ secretFiles: [] }, { secretFiles: undefined }, { url: undefined }, { secret: 'whsec_' }])(
  'webhook %j is refused by its field',
  async (change) => {
    const entry = { ...valid, webhook: { ...webhook, ...change } };
    expect(await problemOf(load(entry))).toMatch(/^merchants\[0\]\.webhook/);
  },
);

const v2 = {
  mchid: '1900000003',
  protocol: 'v2',
  appids: { native: 'wx8888888888888888' },
  apiV2KeyFile: 'apiv2.key',
  certificateFile: 'apiclient_cert.pem',
  privateKeyFile: 'apiclient_key.pem',
  gatewayUrl: 'https://api.mch.weixin.qq.com',
};

function v2Credentials(merchant: Merchant | undefined): WechatPayV2Credentials {
  if (merchant?.credentials.protocol !== 'v2') throw new Error('not a merchant of v2');
  return merchant.credentials;
}

test('a merchant of v2 stands beside one of v3: its key, its certificate, and where that is shown', async () => {
  const [first, second] = await load(valid, v2);
  expect(first?.credentials.protocol).toBe('v3');
  const { apiV2Key, certificate, privateKey, secapiCa, ...credentials } = v2Credentials(second);
  expect(credentials).toEqual({
    protocol: 'v2',
    mchid: '1900000003',
    signType: 'HMAC-SHA256',
    gatewayUrls: ['https://api.mch.weixin.qq.com'],
    secapiUrls: ['https://api.mch.weixin.qq.com'],
    limits: {},
  });
  expect(apiV2Key.export().toString()).toBe(API_V2_KEY);
  expect(certificate).toContain('BEGIN CERTIFICATE');
  expect(privateKey.equals(own.privateKey)).toBe(true);
  expect(secapiCa).toBeUndefined();
  expect(second?.policy).toEqual({ latePayment: 'refund', fulfilment: { required: false } });
});

test('the address of the certificate, who vouches for it, and the sign are taken as given', async () => {
  const given = { secapiUrl: 'https://localhost:8443', secapiCaFile: 'platform_cert.pem', signType: 'MD5' };
  const [merchant] = await load({ ...v2, ...given, limits: { refund: 5 } });
  const { secapiUrls, secapiCa, signType, limits } = v2Credentials(merchant);
  expect({ secapiUrls, signType, limits }).toEqual({
    secapiUrls: ['https://localhost:8443'],
    signType: 'MD5',
    limits: { refund: 5 },
  });
  expect(secapiCa).toBe(PUBLISHED_CERTIFICATE);
});

test('a merchant of v3 may have an API v2 key too', async () => {
  const [merchant] = await load({ ...valid, apiV2KeyFile: 'apiv2.key' });
  expect(v3Credentials(merchant).apiV2Key?.export().toString()).toBe(API_V2_KEY);
  const short = load({ ...valid, apiV2KeyFile: 'short.key' });
  expect(await problemOf(short)).toBe('merchants[0].apiV2KeyFile: must hold exactly 32 bytes');
});

test.each([
  [{ apiV2KeyFile: 'short.key' }, 'apiV2KeyFile: must hold exactly 32 bytes'],
  [{ apiV2KeyFile: 'nowhere' }, 'apiV2KeyFile: cannot be read (ENOENT)'],
  [{ certificateFile: 'platform_cert.pem' }, 'certificateFile: does not belong to privateKeyFile'],
  [{ certificateFile: 'apiv2.key' }, 'certificateFile: is not an X.509 certificate in PEM form'],
  [{ privateKeyFile: 'curve_key.pem' }, 'privateKeyFile: is not an RSA private key in PEM form'],
  [{ secapiCaFile: 'apiv2.key' }, 'secapiCaFile: is not an X.509 certificate in PEM form'],
  [{ secapiUrl: 'http://api.mch.weixin.qq.com' }, 'secapiUrl: must be https, or http on this machine'],
  [{ gatewayUrl: 'http://api.mch.weixin.qq.com' }, 'gatewayUrl: must be https, or http on this machine'],
])('of a merchant of v2 %j is refused: %s', async (change, problem) => {
  expect(await problemOf(load({ ...v2, ...change }))).toBe(`merchants[0].${problem}`);
});

test.each([{ signType: 'SM3' }, { apiV3KeyFile: 'apiv3.key' }, { serialNo: '40' }, { certificateFile: undefined }])(
  'of a merchant of v2 %j is refused by its field',
  async (change) => {
    expect(await problemOf(load({ ...v2, ...change }))).toMatch(/^merchants\[0\]/);
  },
);

const BOTH = ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com'] as const;

const scanning = { ...valid, codeScan: 'v2', apiV2KeyFile: 'apiv2.key', certificateFile: 'apiclient_cert.pem' };

test('a merchant of v3 may charge codes over v2: with its key, and the certificate that a reverse shows', async () => {
  const wire = { signType: 'MD5', secapiUrl: 'https://localhost:8443', secapiCaFile: 'platform_cert.pem' };
  const [merchant] = await load({ ...scanning, ...wire });
  expect(merchant?.codeScan).toBe('v2');
  expect(merchant?.appids.codeScan).toEqual(['wx8888888888888888', 'wx9999999999999999']);
  const { apiV2Key, certificate, privateKey, ...charged } = v3Credentials(merchant).codeScanV2 ?? {};
  expect(charged).toEqual({
    protocol: 'v2',
    mchid: '1900000001',
    signType: 'MD5',
    gatewayUrls: ['https://api.mch.weixin.qq.com'],
    secapiUrls: ['https://localhost:8443'],
    secapiCa: PUBLISHED_CERTIFICATE,
    limits: {},
  });
  expect(apiV2Key?.export().toString()).toBe(API_V2_KEY);
  expect(certificate).toContain('BEGIN CERTIFICATE');
  expect(privateKey?.equals(own.privateKey)).toBe(true);
});

test('a merchant of v3 that charges codes over v3 needs nothing of v2', async () => {
  const [merchant] = await load({ ...valid, codeScan: 'v3' });
  expect(merchant?.codeScan).toBe('v3');
  expect(v3Credentials(merchant).codeScanV2).toBeUndefined();
});

test.each([
  [{ apiV2KeyFile: undefined }, 'apiV2KeyFile: is needed for codeScan: v2'],
  [{ certificateFile: undefined }, 'certificateFile: is needed for codeScan: v2'],
  [{ apiV2KeyFile: 'short.key' }, 'apiV2KeyFile: must hold exactly 32 bytes'],
  [{ certificateFile: 'platform_cert.pem' }, 'certificateFile: does not belong to privateKeyFile'],
  [{ secapiCaFile: 'apiv2.key' }, 'secapiCaFile: is not an X.509 certificate in PEM form'],
  [{ secapiUrl: 'http://api.mch.weixin.qq.com' }, 'secapiUrl: must be https, or http on this machine'],
  [
    { codeScan: undefined, appids: { codeScan: 'wx8888888888888888' } },
    'codeScan: must be v2 or v3 for the appids of codeScan',
  ],
])('of a merchant of v3 that charges codes over v2 %j is refused: %s', async (change, problem) => {
  expect(await problemOf(load({ ...scanning, ...change }))).toBe(`merchants[0].${problem}`);
});

test.each([
  [{ protocol: 'v4' }, 'merchants[0].protocol: must be v3 or v2'],
  [{ mchid: 'shop' }, 'merchants[0].mchid: must be the merchant number: digits only'],
  [{ appids: { native: '8888' } }, 'merchants[0].appids.native: must be an appid: wx and letters or digits'],
  [{ serialNo: 'xyz' }, 'merchants[0].serialNo: must be the hexadecimal serial number of the API certificate'],
  [{ privateKeyFile: 'nowhere.pem' }, 'merchants[0].privateKeyFile: cannot be read (ENOENT)'],
  [{ privateKeyFile: 'pub_key.pem' }, 'merchants[0].privateKeyFile: is not an RSA private key in PEM form'],
  [{ privateKeyFile: 'curve_key.pem' }, 'merchants[0].privateKeyFile: is not an RSA private key in PEM form'],
  [{ apiV3KeyFile: 'short.key' }, 'merchants[0].apiV3KeyFile: must hold exactly 32 bytes'],
  [{ publicKeyFile: 'apiv3.key' }, 'merchants[0].publicKeyFile: is not an RSA public key in PEM form'],
  [{ publicKeyFile: 'own_public.pem' }, "merchants[0].publicKeyFile: is the merchant's own key, not WeChat Pay's"],
  [{ publicKeyId: undefined }, 'merchants[0].publicKeyId: and publicKeyFile go together'],
  [{ publicKeyId: '0116' }, 'merchants[0].publicKeyId: must be the ID that begins with PUB_KEY_ID_'],
  [
    { platformCertificateFiles: ['platform_cert.pem', 'pub_key.pem'] },
    'merchants[0].platformCertificateFiles[1]: is not an X.509 certificate in PEM form',
  ],
  [{ gatewayUrl: 'http://api.mch.weixin.qq.com' }, 'merchants[0].gatewayUrl: must be https, or http on this machine'],
  [{ gatewayUrl: 'http://127.0.0.1.example.com' }, 'merchants[0].gatewayUrl: must be https, or http on this machine'],
  [{ gatewayUrl: undefined }, 'merchants[0].gatewayUrl: is needed, or gatewayUrls'],
  [{ gatewayUrls: BOTH }, 'merchants[0].gatewayUrls: and gatewayUrl exclude each other'],
  [{ gatewayUrl: undefined, gatewayUrls: [BOTH[0], BOTH[0]] }, 'merchants[0].gatewayUrls: names one twice'],
  [
    { gatewayUrl: undefined, gatewayUrls: [BOTH[0], 'http://api2.mch.weixin.qq.com'] },
    'merchants[0].gatewayUrls[1]: must be https, or http on this machine',
  ],
])('%j is refused: %s', async (change, problem) => {
  expect(await problemOf(load({ ...valid, ...change }))).toBe(problem);
});

test.each(['https://api2.mch.weixin.qq.com:8443', 'https://gateway.example.com', 'http://127.0.0.1:8090'])(
  'WeChat Pay and %s are not domains of one gateway',
  async (other) => {
    const mixed = { ...valid, gatewayUrl: undefined, gatewayUrls: [BOTH[0], other] };
    expect(await problemOf(load(mixed))).toBe('merchants[0].gatewayUrls: mixes WeChat Pay with something else');
  },
);

test.each([valid, v2])('its domains are tried in the order of gatewayUrls, four at most', async (merchant) => {
  const asked = { ...merchant, gatewayUrl: undefined };
  const [found] = await load({ ...asked, gatewayUrls: [`${BOTH[0]}/`, BOTH[1]] });
  expect(found?.credentials.gatewayUrls).toEqual(BOTH);
  if (found?.credentials.protocol === 'v2') expect(found.credentials.secapiUrls).toEqual(BOTH);
  const five = Array.from({ length: 5 }, (_, index) => `https://10.0.0.${index}`);
  expect(await problemOf(load({ ...asked, gatewayUrls: five }))).toMatch(/^merchants\[0\]\.gatewayUrls/);
  expect(await problemOf(load({ ...asked, gatewayUrls: [] }))).toMatch(/^merchants\[0\]\.gatewayUrls/);
});

test.each(['http://127.0.0.1:8090', 'http://localhost:8090', 'http://[::1]:8090', 'https://10.0.0.1'])(
  'the gateway may be at %s',
  async (gatewayUrl) => {
    expect(await load({ ...valid, gatewayUrl })).toMatchObject([{ credentials: { gatewayUrls: [gatewayUrl] } }]);
  },
);

test.each([
  { limits: { query: 0 } },
  { limits: { transfer: 5 } },
  { policy: { fulfilment: { required: true } } },
  { approval: {} },
  { approval: { refundAboveFen: -1 } },
  { approval: { refundAboveFen: 1.5 } },
  { mchId: 'typo' },
])('%j is refused by its field', async (change) => {
  expect(await problemOf(load({ ...valid, ...change }))).toMatch(/^merchants\[0\]/);
});

test('what is not JSON is refused without a word of it', async () => {
  await writeFile(file, '{"merchants":[{"apiV3Key":"secret');
  expect(await problemOf(loadMerchants(file))).toBe('is not valid JSON');
});

test('a file that is not there is named', async () => {
  expect(await problemOf(loadMerchants(file))).toBe('cannot be read (ENOENT)');
});

test('no message holds what the file or a key holds', async () => {
  const secret = 'hunter2hunter2';
  for (const field of Object.keys(valid)) {
    for (const value of [secret, [secret], { native: secret }]) {
      expect(await problemOf(load({ ...valid, [field]: value }))).not.toContain(secret);
    }
  }
  await writeFile(join(folder, 'no_secret'), secret);
  for (const change of [
    { url: `https://me:${secret}@shop.example` },
    { url: `http://shop.example/${secret}` },
    { secretFiles: ['no_secret'] },
    { allowedPrivateRanges: [secret] },
    { url: 'http://10.0.0.5', allowedPrivateRanges: [secret] },
    { url: secret },
  ])
    expect(await problemOf(load({ ...valid, webhook: { ...webhook, ...change } }))).not.toContain(secret);
});
