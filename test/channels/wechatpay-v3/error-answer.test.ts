import { expect, test } from 'vitest';
import { readError } from '../../../src/channels/wechatpay-v3/failure-map.js';

const now = new Date('2026-11-22T00:00:00Z');
const read = (body: string, headers: Record<string, string> = {}) =>
  readError({ status: 400, headers, body: Buffer.from(body) }, now);

test('the internal code is the number at the end of Request-ID', () => {
  expect(read('{}', { 'request-id': '08F2-C4B6-268498688' }).internalCode).toBe('268498688');
  expect(read('{}', { 'request-id': '08F2C4B6' }).internalCode).toBeUndefined();
  expect(read('{}').internalCode).toBeUndefined();
});

test('Retry-After is read as seconds and as a date', () => {
  expect(read('', { 'retry-after': '7' }).retryAfterMs).toBe(7_000);
  expect(read('', { 'retry-after': 'Sun, 22 Nov 2026 00:00:30 GMT' }).retryAfterMs).toBe(30_000);
  expect(read('', { 'retry-after': 'Sat, 21 Nov 2026 00:00:00 GMT' }).retryAfterMs).toBeUndefined();
  expect(read('', { 'retry-after': '999999' }).retryAfterMs).toBe(60_000);
  expect(read('', { 'retry-after': 'Tue, 22 Nov 2096 00:00:30 GMT' }).retryAfterMs).toBe(60_000);
  expect(read('', { 'retry-after': 'soon' }).retryAfterMs).toBeUndefined();
});

test('words that repeat an openid are kept without it', () => {
  const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
  const said = read(
    JSON.stringify({ code: 'PARAM_ERROR', message: `${openid}无效`, detail: { field: openid, issue: `<${openid}>` } }),
  );
  expect([said.message, said.detail]).toEqual(['[openid]无效', { field: '[openid]', issue: '<[openid]>' }]);
  expect(
    read(JSON.stringify({ code: 'PARAM_ERROR', message: 'out_trade_no 1234567890123456789012345' })).message,
  ).toContain('1234');
});

test('what is not JSON with a code has none', () => {
  for (const body of ['', '<html></html>', '[]', 'null', '{"code":7}', '{"code":""}', '{"message":"x"}']) {
    expect(read(body).code).toBeUndefined();
  }
});

test('a message is cut to what a person reads', () => {
  expect(read(JSON.stringify({ code: 'X', message: '长'.repeat(1_000) })).message).toHaveLength(256);
});

test('what a person reads is one line of well-formed text', () => {
  expect(read(JSON.stringify({ code: 'X', message: 'a\u0000b\r\nc\ud800\u202ed' })).message).toBe('a b  c  d');
});

test('the parameter that was refused is named, never its value', () => {
  const detail = { field: '/amount/total', value: 'oOpenid', issue: 'must be at least 1', location: 'body' };
  expect(read(JSON.stringify({ code: 'PARAM_ERROR', message: 'x', detail })).detail).toEqual({
    field: '/amount/total',
    issue: 'must be at least 1',
  });
});

test.each([[undefined], [null], ['text'], [[]], [{}], [{ field: 7, issue: [] }], [{ value: 'x' }]])(
  'a detail of %j is none, and hides no code',
  (detail) => {
    expect(read(JSON.stringify({ code: 'ORDER_PAID', message: null, detail }))).toMatchObject({
      code: 'ORDER_PAID',
      message: '',
      detail: null,
    });
  },
);

test('a code that is no word is none', () => {
  for (const code of ['A\u0000', 'x'.repeat(65), 'two words']) {
    expect(read(JSON.stringify({ code })).code).toBeUndefined();
  }
});
