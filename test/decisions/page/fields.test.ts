import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ORDER_FEN } from '../../../src/base/money.js';
import {
  parseBeijing,
  parsePayerReason,
  parseReason,
  parseTypedRefundNo,
  parseYuan,
  typedBeijing,
  typedYuan,
} from '../../../src/decisions/page/fields.js';

describe('yuan as typed', () => {
  it.each([
    ['12', 1200],
    ['12.5', 1250],
    ['12.05', 1205],
    ['0.01', 1],
    [' 0.29 ', 29],
    ['¥1.10', 110],
    ['￥1.10', 110],
    ['10000000', MAX_ORDER_FEN],
    ['9999999.99', 999_999_999],
  ])('%s are %i fen', (text, fen) => {
    expect(parseYuan(text)).toEqual({ ok: true, value: fen });
  });

  it.each([
    '',
    '0',
    '0.00',
    '-1',
    '+1',
    '1.234',
    '1.',
    '.5',
    '1,000',
    '1e3',
    '０',
    '1 2',
    '10000000.01',
    '99999999999',
    'NaN',
    '01',
  ])('%j is no amount', (text) => {
    expect(parseYuan(text)).toEqual({ ok: false, error: 'amount_invalid' });
  });

  it('says every amount exactly, to the fen', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_ORDER_FEN }), (fen) => {
        expect(parseYuan(typedYuan(fen))).toEqual({ ok: true, value: fen });
      }),
    );
  });
});

describe('a time as typed', () => {
  it('is Beijing time, to the minute', () => {
    expect(parseBeijing('2026-03-02T00:30')).toEqual({ ok: true, value: new Date('2026-03-01T16:30:00Z') });
    expect(parseBeijing('2026-03-02 00:30')).toEqual({ ok: true, value: new Date('2026-03-01T16:30:00Z') });
    expect(parseBeijing('2026-03-02T00:30:00')).toEqual({ ok: true, value: new Date('2026-03-01T16:30:00Z') });
    expect(typedBeijing(new Date('2026-03-01T16:30:59Z'))).toBe('2026-03-02T00:30');
  });

  it.each([
    '',
    'tomorrow',
    '2026-03-02',
    '2026-02-30T10:00',
    '2026-13-01T00:00',
    '2026-03-02T24:00',
    '0000-03-02T10:00',
    '0001-01-01T07:59',
    '2026-03-02T10:00Z',
  ])('%j is none', (text) => {
    expect(parseBeijing(text)).toEqual({ ok: false, error: 'until_invalid' });
  });
});

describe('a reason', () => {
  it('becomes one line without what surrounds it', () => {
    expect(parseReason('  the payer\r\n shows a\nreceipt ')).toEqual({ ok: true, value: 'the payer shows a receipt' });
  });

  it('is required, printable, and at most 500 bytes', () => {
    expect(parseReason(' \n ')).toEqual({ ok: false, error: 'reason_required' });
    expect(parseReason('a\u0007b')).toEqual({ ok: false, error: 'reason_invalid' });
    expect(parseReason('x'.repeat(500)).ok).toBe(true);
    expect(parseReason('x'.repeat(501))).toEqual({ ok: false, error: 'reason_invalid' });
    expect(parseReason('付'.repeat(167))).toEqual({ ok: false, error: 'reason_invalid' });
  });

  it('for the payer may be left out, and is short', () => {
    expect(parsePayerReason(' ')).toEqual({ ok: true, value: null });
    expect(parsePayerReason('sold out')).toEqual({ ok: true, value: 'sold out' });
    expect(parsePayerReason('x'.repeat(81))).toEqual({ ok: false, error: 'payer_reason_invalid' });
  });
});

it("a refund's number is one that a shop could give", () => {
  expect(parseTypedRefundNo(' A-1001-R1 ')).toEqual({ ok: true, value: 'A-1001-R1' });
  for (const text of ['', 'A@return', 'a b', 'x'.repeat(65)]) expect(parseTypedRefundNo(text).ok).toBe(false);
});
