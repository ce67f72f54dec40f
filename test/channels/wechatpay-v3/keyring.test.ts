import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { silentLog, GatewayError } from '../../../src/channels/port.js';
import { createKeyring, type Keyring } from '../../../src/channels/wechatpay-v3/keyring.js';

const key = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 512 }).publicKey;
const configured = key();
const first = key();
const second = key();
const forever = new AbortController().signal;
const MINUTE = 60_000;

let nowMs: number;
let downloads: number;
let answer: () => Promise<ReadonlyMap<string, KeyObject>>;
beforeEach(() => {
  nowMs = 0;
  downloads = 0;
  answer = () => Promise.resolve(new Map([['AA01', first]]));
});

function keyringWith(publicKeys: ReadonlyMap<string, KeyObject>): Keyring {
  const download = () => {
    downloads += 1;
    return answer();
  };
  return createKeyring({ mchid: '1900000001', publicKeys, download, now: () => new Date(nowMs), log: silentLog });
}

const withPublicKey = () => keyringWith(new Map([['PUB_KEY_ID_1', configured]]));
const withNothing = () => keyringWith(new Map());

test('a configured public key needs no certificates', async () => {
  const keyring = withPublicKey();
  await keyring.ready(forever);
  expect(await keyring.find('PUB_KEY_ID_1', forever)).toBe(configured);
  expect(downloads).toBe(0);
});

test('an unknown certificate serial is downloaded at once; both kinds then stand side by side', async () => {
  const keyring = withPublicKey();
  expect(await keyring.find('AA01', forever)).toBe(first);
  expect(await keyring.find('PUB_KEY_ID_1', forever)).toBe(configured);
  expect(downloads).toBe(1);
});

test('an unknown public key is not looked for: it is configured or it is nobody', async () => {
  expect(await withPublicKey().find('PUB_KEY_ID_2', forever)).toBeUndefined();
  expect(downloads).toBe(0);
});

test('whoever invents serials causes one download a minute', async () => {
  const keyring = withPublicKey();
  for (let i = 0; i < 20; i += 1) expect(await keyring.find(`FF${i}`, forever)).toBeUndefined();
  expect(downloads).toBe(1);
  nowMs = MINUTE - 1;
  await keyring.find('FF', forever);
  expect(downloads).toBe(1);
  nowMs = MINUTE;
  answer = () => Promise.resolve(new Map([['AA02', second]]));
  expect(await keyring.find('AA02', forever)).toBe(second);
  expect(downloads).toBe(2);
});

test('many who wait at once share one download', async () => {
  const keyring = withNothing();
  await Promise.all([keyring.ready(forever), keyring.ready(forever), keyring.find('AA01', forever)]);
  expect(downloads).toBe(1);
});

test('a certificate that is no longer in force is dropped with the next download, a configured key never', async () => {
  const keyring = withPublicKey();
  await keyring.find('AA01', forever);
  nowMs = MINUTE;
  answer = () => Promise.resolve(new Map([['AA02', second]]));
  await keyring.find('AA02', forever);
  expect(await keyring.find('AA01', forever)).toBeUndefined();
  expect(await keyring.find('PUB_KEY_ID_1', forever)).toBe(configured);
});

test('certificates are fetched again before twelve hours, without making anybody wait', async () => {
  const keyring = withNothing();
  await keyring.ready(forever);
  nowMs = 11 * 60 * MINUTE;
  await keyring.find('AA01', forever);
  expect(downloads).toBe(1);
  nowMs += 1;
  answer = () => new Promise(() => undefined);
  expect(await keyring.find('AA01', forever)).toBe(first);
  expect(downloads).toBe(2);
});

test('a failed download keeps the certificates there are', async () => {
  const keyring = withNothing();
  await keyring.ready(forever);
  nowMs = MINUTE;
  answer = () => Promise.reject(new GatewayError('unknown'));
  expect(await keyring.find('FF', forever)).toBeUndefined();
  expect(await keyring.find('AA01', forever)).toBe(first);
});

test('without any key no call may be made, and the download is tried again after five seconds', async () => {
  const keyring = withNothing();
  answer = () => Promise.reject(new GatewayError('unknown'));
  await expect(keyring.ready(forever)).rejects.toMatchObject({ code: 'unreachable' });
  await expect(keyring.ready(forever)).rejects.toMatchObject({ code: 'unreachable' });
  expect(downloads).toBe(1);
  nowMs = 5_000;
  answer = () => Promise.resolve(new Map([['AA01', first]]));
  await keyring.ready(forever);
  expect(downloads).toBe(2);
});

test('a refused download, and a merchant without certificates, are matters for a person', async () => {
  answer = () => Promise.reject(new GatewayError('merchant_config'));
  await expect(withNothing().ready(forever)).rejects.toMatchObject({ code: 'merchant_config' });
  answer = () => Promise.resolve(new Map());
  await expect(withNothing().ready(forever)).rejects.toMatchObject({ code: 'merchant_config' });
});

test('a caller in a hurry stops waiting; the download goes on for the next one', async () => {
  const keyring = withNothing();
  let finish: (keys: ReadonlyMap<string, KeyObject>) => void = () => undefined;
  answer = () => new Promise((resolve) => (finish = resolve));
  const hurry = new AbortController();
  const waiting = keyring.ready(hurry.signal);
  hurry.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'unreachable' });
  finish(new Map([['AA01', first]]));
  await keyring.ready(forever);
  expect(downloads).toBe(1);
});

test('texts are sealed with the public key, else with the newest certificate', async () => {
  expect(await withPublicKey().sealing(forever)).toEqual({ serial: 'PUB_KEY_ID_1', key: configured });
  answer = () =>
    Promise.resolve(
      new Map([
        ['AA01', first],
        ['AA02', second],
      ]),
    );
  expect(await withNothing().sealing(forever)).toEqual({ serial: 'AA02', key: second });
  const both = new Map([
    ['PUB_KEY_ID_1', configured],
    ['AA01', first],
  ]);
  expect(await keyringWith(both).sealing(forever)).toEqual({ serial: 'PUB_KEY_ID_1', key: configured });
});

test('without any key nothing is sealed', async () => {
  answer = () => Promise.reject(new GatewayError('unknown'));
  await expect(withNothing().sealing(forever)).rejects.toMatchObject({ code: 'unreachable' });
});
