import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkoutToken, verifyCheckoutToken, checkoutUrl } from '../../src/checkout/link.js';
import { MCHID, orderNoFrom } from './support/checkout-order.js';

const KEY = createSecretKey(randomBytes(32));
const orderNo = orderNoFrom('A-1001');
const expiresAt = new Date('2026-03-01T12:00:00Z');
const now = new Date('2026-03-01T11:59:59Z');
const token = checkoutToken(KEY, { mchid: MCHID, orderNo, expiresAt });

test('a token gives back the mchid it was made for', () => {
  expect(verifyCheckoutToken(KEY, token, { orderNo, now })).toEqual({ ok: true, value: MCHID });
});

test('a token ends at its second', () => {
  expect(verifyCheckoutToken(KEY, token, { orderNo, now: expiresAt })).toEqual({ ok: false, error: 'expired' });
});

test('a token of another order, another key or another time is forged, even when it would have ended', () => {
  const refusal = { ok: false, error: 'forged' };
  const late = new Date('2030-01-01T00:00:00Z');
  expect(verifyCheckoutToken(KEY, token, { orderNo: orderNoFrom('A-1002'), now })).toEqual(refusal);
  expect(verifyCheckoutToken(randomBytes(32), token, { orderNo, now: late })).toEqual(refusal);
  const bytes = Buffer.from(token, 'base64url');
  const later = Buffer.concat([bytes.subarray(0, 32), Buffer.from(`${late.getTime() / 1000}.${MCHID}`)]);
  expect(verifyCheckoutToken(KEY, later.toString('base64url'), { orderNo, now })).toEqual(refusal);
});

test('no single changed byte of a token is accepted', () => {
  const bytes = Buffer.from(token, 'base64url');
  for (const index of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed[index] = (bytes[index] ?? 0) ^ 1;
    const verified = verifyCheckoutToken(KEY, changed.toString('base64url'), { orderNo, now });
    expect(verified, `byte ${index}`).toEqual({ ok: false, error: 'forged' });
  }
});

test.each(['', 'x', '?', 'a'.repeat(5000), Buffer.alloc(40).toString('base64url')])(
  'what was never a token is forged: %#',
  (text) => {
    expect(verifyCheckoutToken(KEY, text, { orderNo, now })).toEqual({ ok: false, error: 'forged' });
  },
);

test("a checkout link lives until a day after the order's end, behind any public address", () => {
  const url = new URL(checkoutUrl('https://pay.example.com/base/', KEY, { mchid: MCHID, orderNo, expiresAt }));
  expect(url.origin + url.pathname).toBe('https://pay.example.com/base/pay/A-1001');
  const verifyAt = (iso: string) =>
    verifyCheckoutToken(KEY, url.searchParams.get('t') ?? '', { orderNo, now: new Date(iso) });
  expect(verifyAt('2026-03-02T11:59:59Z')).toMatchObject({ ok: true });
  expect(verifyAt('2026-03-02T12:00:00Z')).toEqual({ ok: false, error: 'expired' });
});
