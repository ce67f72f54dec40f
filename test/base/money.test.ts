import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatYuan, MAX_ORDER_FEN, parseFen, parseOrderAmount } from '../../src/base/money.js';

describe('fen', () => {
  it.each([0, 1, MAX_ORDER_FEN, Number.MAX_SAFE_INTEGER])('%d is money', (value) => {
    expect(parseFen(value)).toEqual({ ok: true, value });
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])('%d is not', (value) => {
    expect(parseFen(value)).toEqual({ ok: false, error: 'not_fen' });
  });

  it.each([0, -1, 1.5, MAX_ORDER_FEN + 1])('an order cannot cost %d', (value) => {
    expect(parseOrderAmount(value)).toEqual({ ok: false, error: 'amount_out_of_range' });
  });

  it('is shown with every fen of it', () => {
    expect([0, 5, 100, 1205, MAX_ORDER_FEN, -1205].map(formatYuan)).toEqual([
      '¥0.00',
      '¥0.05',
      '¥1.00',
      '¥12.05',
      '¥10000000.00',
      '-¥12.05',
    ]);
    fc.assert(
      fc.property(fc.nat({ max: MAX_ORDER_FEN }), (value) => {
        expect(Number(formatYuan(value).replace(/[¥.]/g, ''))).toBe(value);
      }),
    );
  });
});
