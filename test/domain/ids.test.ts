import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attemptNumberOf,
  MAX_ATTEMPTS,
  orderNoOf,
  orderWorkflowId,
  outTradeNoOf,
  parseMchid,
  parseOrderNo,
  parseOrderWorkflowId,
  parseOutTradeNo,
} from '../../src/domain/ids.js';
import { must } from './order/fixtures.js';

const anOrderNo = fc.stringMatching(/^[0-9A-Za-z_-]{6,29}$/).map((text) => must(parseOrderNo(text)));
const anAttempt = fc.integer({ min: 1, max: MAX_ATTEMPTS });

describe('an orderNo', () => {
  it.each(['A-1001', '_____-', 'a'.repeat(29)])('may be %s', (text) => expect(parseOrderNo(text).ok).toBe(true));
  it.each(['A-100', 'a'.repeat(30), 'A 1001', 'A-1001*2', 'A|1001', '订单-1001', 'A-1001\n', ''])(
    'may not be %j',
    (text) => {
      expect(parseOrderNo(text)).toEqual({ ok: false, error: 'invalid_order_no' });
    },
  );
});

describe('an outTradeNo', () => {
  it('fits WeChat Pay for every orderNo and attempt, and leads back to both', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, (orderNo, number) => {
        const outTradeNo = outTradeNoOf(orderNo, number);
        expect(outTradeNo).toMatch(/^[0-9A-Za-z_\-|*]{6,32}$/);
        expect(parseOutTradeNo(outTradeNo)).toEqual({ ok: true, value: outTradeNo });
        expect(orderNoOf(outTradeNo)).toBe(orderNo);
        expect(attemptNumberOf(outTradeNo)).toBe(number);
      }),
    );
  });

  it('is never that of another order or attempt', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, anOrderNo, anAttempt, (a, m, b, n) => {
        fc.pre(a !== b || m !== n);
        expect(outTradeNoOf(a, m)).not.toBe(outTradeNoOf(b, n));
      }),
    );
  });

  it.each(['A-1001*1', 'A-1001*21', 'A-1001*02', 'A-1001*2*3', 'A-1001*', 'A-1*2'])('is not %s', (text) => {
    expect(parseOutTradeNo(text).ok).toBe(false);
  });
});

describe("an order's workflow id", () => {
  it('leads back to the order, and no other id does', () => {
    const mchid = must(parseMchid('1900000001'));
    fc.assert(
      fc.property(anOrderNo, (orderNo) => {
        expect(parseOrderWorkflowId(orderWorkflowId(mchid, orderNo))).toEqual({ mchid, orderNo });
      }),
    );
    for (const id of [
      'refund/1900000001/A-1001',
      'order/1900000001',
      'order/x/A-1001',
      'order/1900000001/A-1001/2',
      '',
    ]) {
      expect(parseOrderWorkflowId(id)).toBeUndefined();
    }
  });
});
