import { expect, test } from 'vitest';
import { openResource, resourceKey, type SealedResource } from '../../../src/channels/wechatpay-v3/resource.js';

/** Published known answers: TheNorthMemory/wechatpay-axios-plugin, tests/lib/aes.test.js (Aes::AesGcm::encrypt). */
const key = resourceKey('0123456789abcdef0123456789abcdef');
const hello: SealedResource = {
  algorithm: 'AEAD_AES_256_GCM',
  nonce: '0123456789abcdef',
  associated_data: 'world',
  ciphertext: 'APoZlYpivU3HjbAiB4CvW1rAFr8J',
};

test('published resources open', () => {
  expect(openResource(key, hello)).toBe('hello');
  expect(openResource(key, { ...hello, associated_data: '', ciphertext: 'GvpmmdtYwexXIPhySs9Tlg==' })).toBe('');
});

test('absent associated data is empty associated data', () => {
  const { algorithm, nonce } = hello;
  expect(openResource(key, { algorithm, nonce, ciphertext: 'GvpmmdtYwexXIPhySs9Tlg==' })).toBe('');
});

test.each<[string, SealedResource]>([
  ['ciphertext', { ...hello, ciphertext: 'APoZlYpivU3HjbAiB4CvW1rAFr8K' }],
  ['associated data', { ...hello, associated_data: 'World' }],
  ['nonce', { ...hello, nonce: '0123456789abcdee' }],
  ['length: only a tag', { ...hello, ciphertext: hello.ciphertext.slice(8) }],
  ['length: less than a tag', { ...hello, ciphertext: 'APoZ' }],
])('a changed %s does not open', (_, changed) => {
  expect(() => openResource(key, changed)).toThrow();
});

test('another key does not open it', () => {
  expect(() => openResource(resourceKey('0123456789abcdef0123456789abcdeF'), hello)).toThrow();
});
