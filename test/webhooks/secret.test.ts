import { expect, test } from 'vitest';
import { parseWebhookSecret } from '../../src/webhooks/webhooks.js';

const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 0xfb).toString('base64')}`;

test.each([24, 25, 32, 64])('a secret of %i bytes is one', (bytes) => {
  expect(parseWebhookSecret(secretOf(bytes))).toBe(secretOf(bytes));
});

test("white space around it is the editor's", () => {
  expect(parseWebhookSecret(` ${secretOf(32)}\r\n`)).toBe(secretOf(32));
});

test.each([
  ['empty', ''],
  ['too short', secretOf(23)],
  ['too long', secretOf(65)],
  ['without its prefix', secretOf(32).slice(6)],
  ["somebody else's kind", secretOf(32).replace('whsec_', 'whsk_')],
  ['in URL-safe base64', secretOf(32).replaceAll('+', '-').replaceAll('/', '_')],
  ['not padded', secretOf(32).replace('=', '')],
  ['two of them', `${secretOf(24)}\n${secretOf(24)}`],
])('what is %s is not', (_problem, text) => {
  expect(parseWebhookSecret(text)).toBeUndefined();
});
