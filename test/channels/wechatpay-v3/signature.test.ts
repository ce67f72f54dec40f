import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { isFresh, isSignedBy, readSignatureHeaders } from '../../../src/channels/wechatpay-v3/signature.js';
import { PUBLISHED_BODY, PUBLISHED_CERTIFICATE, PUBLISHED_HEADERS } from '../support/wechatpay-go-notify.js';

const key = new X509Certificate(PUBLISHED_CERTIFICATE).publicKey;
const body = Buffer.from(PUBLISHED_BODY);
const headers = readSignatureHeaders(PUBLISHED_HEADERS);
if (headers === undefined) throw new Error('the published notify has all headers');

test("WeChat Pay's published notify is signed by its certificate", () => {
  expect(isSignedBy(key, headers, body)).toBe(true);
});

test.each(['timestamp', 'nonce', 'signature'] as const)('a changed %s is noticed', (name) => {
  const changed = { ...headers, [name]: headers[name].replace(/[0-9A-Za-z]$|[0-9A-Za-z](?==*$)/, '3') };
  expect(changed[name]).not.toBe(headers[name]);
  expect(isSignedBy(key, changed, body)).toBe(false);
});

test('every byte of the body counts, a space too', () => {
  for (const changed of [`${PUBLISHED_BODY} `, PUBLISHED_BODY.replace('签约成功', '签约成攻'), '']) {
    expect(isSignedBy(key, headers, Buffer.from(changed))).toBe(false);
  }
});

test('a probe that is not even Base64 fails like any other signature', () => {
  const probe = { ...headers, signature: 'WECHATPAY/SIGNTEST/TDnIxcOTSnfE2PJbmYeWLA==' };
  expect(isSignedBy(key, probe, body)).toBe(false);
  expect(isSignedBy(key, { ...headers, signature: '' }, body)).toBe(false);
});

test('five minutes either way are too many', () => {
  const at = new Date(1_700_000_000_000);
  expect(isFresh('1699999701', at)).toBe(true);
  expect(isFresh('1699999700', at)).toBe(false);
  expect(isFresh('1700000299', at)).toBe(true);
  expect(isFresh('1700000300', at)).toBe(false);
});

test('a timestamp is decimal digits', () => {
  const at = new Date(1_700_000_000_000);
  for (const text of ['1700000000.5', '0x6553f100', '1700000000 ', '-1', 'NaN', '1e9', '１７００００００００']) {
    expect(isFresh(text, at)).toBe(false);
  }
});

test('headers are found in any case, and all four must be there', () => {
  const lower = Object.fromEntries(
    Object.entries(PUBLISHED_HEADERS).map(([name, value]) => [name.toLowerCase(), value]),
  );
  expect(readSignatureHeaders(lower)).toEqual(headers);
  for (const missing of Object.keys(lower)) {
    expect(readSignatureHeaders({ ...lower, [missing]: undefined })).toBeUndefined();
    expect(readSignatureHeaders({ ...lower, [missing]: '' })).toBeUndefined();
  }
});
