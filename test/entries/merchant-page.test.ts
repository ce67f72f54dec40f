import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadMerchants, MerchantsFileError } from '../../src/entries/merchants.js';

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const PNG = Buffer.from('89504e470d0a1a0a0000000d494844520000000200000002', 'hex');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100', 'hex');
const WEBP = Buffer.from('RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0', 'latin1');
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

const valid = {
  mchid: '1900000001',
  protocol: 'v3',
  appids: { native: 'wx8888888888888888' },
  serialNo: '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB',
  privateKeyFile: 'apiclient_key.pem',
  apiV3KeyFile: 'apiv3.key',
  gatewayUrl: 'https://api.mch.weixin.qq.com',
};

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'merchant-page-'));
  file = join(folder, 'merchants.json');
  await writeFile(join(folder, 'apiclient_key.pem'), KEY);
  await writeFile(join(folder, 'apiv3.key'), '0123456789abcdef0123456789abcdef');
});
afterEach(() => rm(folder, { recursive: true }));

async function load(change: object) {
  await writeFile(file, JSON.stringify({ merchants: [{ ...valid, ...change }] }));
  const [merchant] = [...(await loadMerchants(file)).values()];
  return merchant;
}

async function problemOf(change: object): Promise<string> {
  const error: unknown = await load(change).catch((reason: unknown) => reason);
  if (!(error instanceof MerchantsFileError)) throw new Error(`expected a MerchantsFileError, got ${String(error)}`);
  expect(error.message.startsWith(`${file}: merchants[0].`)).toBe(true);
  return error.message.slice(file.length + '.: merchants[0]'.length);
}

test('a merchant without these fields shows payers no name, no logo and no way back', async () => {
  expect(await load({})).toMatchObject({ display: null, returnOrigins: [] });
});

describe('the name', () => {
  test('is one for both languages, or one for each', async () => {
    expect((await load({ display: { name: '茶铺' } }))?.display).toEqual({
      name: { zh: '茶铺', en: '茶铺' },
      logo: null,
    });
    const name = { zh: '茶铺', en: 'The Tea Shop' };
    expect((await load({ display: { name } }))?.display).toEqual({ name, logo: null });
  });

  test('has at most 64 characters, however many bytes or code units these are', async () => {
    expect((await load({ display: { name: '🍵'.repeat(64) } }))?.display?.name.zh).toHaveLength(128);
    expect(await problemOf({ display: { name: '茶'.repeat(65) } })).toMatch(/^display\.name: /);
  });

  test.each([
    ['', 'display.name'],
    ['\u200b', 'display.name'],
    ['Tea\u202egnihton', 'display.name'],
    ['Tea\n', 'display.name'],
    [7, 'display.name'],
    [{ zh: '茶铺' }, 'display.name'],
    [undefined, 'display.name'],
  ])('%j is refused by its field', async (name, field) => {
    expect(await problemOf({ display: { name } })).toMatch(new RegExp(`^${field}[.a-z]*: `));
  });
});

describe('the logo', () => {
  test.each([
    ['image/png', PNG],
    ['image/jpeg', JPEG],
    ['image/webp', WEBP],
  ])('may be %s, known by its content, found beside the file', async (type, bytes) => {
    await writeFile(join(folder, 'logo.bin'), bytes);
    const logo = (await load({ display: { name: 'Tea', logoFile: 'logo.bin' } }))?.display?.logo;
    expect(logo).toEqual({
      type,
      bytes: new Uint8Array(bytes),
      hash: expect.stringMatching(/^[0-9a-f]{12}$/) as unknown,
    });
  });

  test.each<[string, string | Buffer]>([
    ['SVG, which is a document of our origin', SVG],
    ['SVG that is called PNG by its first bytes only', Buffer.from(`\x89PNG${SVG}`, 'latin1')],
    ['GIF', 'GIF89a'],
    ['nothing', ''],
    ['a picture above 200 KB', Buffer.concat([PNG, Buffer.alloc(200 * 1024)])],
  ])('may not be %s', async (_, bytes) => {
    await writeFile(join(folder, 'logo.png'), bytes);
    expect(await problemOf({ display: { name: 'Tea', logoFile: 'logo.png' } })).toBe(
      'display.logoFile: must hold a PNG, JPEG or WebP picture of at most 200 KB',
    );
  });

  test('that is not there is named by its field', async () => {
    const display = { name: 'Tea', logoFile: 'nowhere.png' };
    expect(await problemOf({ display })).toBe('display.logoFile: cannot be read (ENOENT)');
  });
});

describe('the origins that orders may lead back to', () => {
  test('are taken as given', async () => {
    const returnOrigins = ['https://shop.example.com', 'https://m.example.com:8443', 'http://127.0.0.1:3000'];
    expect(await load({ returnOrigins })).toMatchObject({ returnOrigins });
  });

  test.each([
    'shop.example.com',
    'http://shop.example.com',
    'https://shop.example.com/',
    'https://shop.example.com/orders',
    'https://Shop.example.com',
    'https://u:p@shop.example.com',
    'https://*.example.com',
    'null',
  ])('%s is none', async (origin) => {
    expect(await problemOf({ returnOrigins: ['https://shop.example.com', origin] })).toBe(
      'returnOrigins[1]: must be an origin such as https://shop.example.com; http on loopback only',
    );
  });
});
