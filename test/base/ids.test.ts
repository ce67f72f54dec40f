import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import {
  bulkWorkflowId,
  MAX_ATTEMPTS,
  orderWorkflowId,
  parseMchid,
  parseOrderNo,
  parseOrderWorkflowId,
  parseOutRefundNo,
  parseOutTradeNo,
  parseRefundNo,
  refundWorkflowId,
  returnNoOf,
  successorOf,
} from '../../src/base/ids.js';
import { must } from '../orders/rules/fixtures.js';

const anOrderNo = fc.stringMatching(/^[0-9A-Za-z_-]{6,32}$/).map((text) => must(parseOrderNo(text)));
const anAttempt = fc.integer({ min: 1, max: MAX_ATTEMPTS });

describe('an orderNo', () => {
  it.each(['A-1001', '_____-', 'a'.repeat(32)])('may be %s', (text) => expect(parseOrderNo(text).ok).toBe(true));
  it.each(['A-100', 'a'.repeat(33), 'A 1001', 'A-1001*2', 'A|1001', '订单-1001', 'A-1001\n', ''])(
    'may not be %j',
    (text) => {
      expect(parseOrderNo(text)).toEqual({ ok: false, error: 'invalid_order_no' });
    },
  );
});

describe('an outTradeNo', () => {
  it('fits WeChat Pay for every orderNo and attempt, and ends with its number', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, (orderNo, number) => {
        const outTradeNo = nthOutTradeNo(orderNo, number);
        expect(outTradeNo).toMatch(/^[0-9A-Za-z_\-|*]{6,32}$/);
        expect(parseOutTradeNo(outTradeNo)).toEqual({ ok: true, value: outTradeNo });
        expect(outTradeNo.endsWith(number === 1 ? orderNo : `*${number}`)).toBe(true);
      }),
    );
  });

  it('is never that of another order or attempt', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, anOrderNo, anAttempt, (a, m, b, n) => {
        fc.pre(a !== b || m !== n);
        expect(nthOutTradeNo(a, m)).not.toBe(nthOutTradeNo(b, n));
      }),
    );
  });

  it('is the orderNo with its number, of a long one a digest', () => {
    const long = must(parseOrderNo('0123456789-0123456789-0123456789'));
    expect(nthOutTradeNo(must(parseOrderNo('A-1001')), 2)).toBe('A-1001*2');
    expect(nthOutTradeNo(must(parseOrderNo('a'.repeat(30))), 9)).toBe(`${'a'.repeat(30)}*9`);
    expect(nthOutTradeNo(long, 1)).toBe(long);
    expect(nthOutTradeNo(long, 2)).toMatch(/^\*[0-9A-Za-z_-]{28}\*2$/);
  });

  it.each([
    ...['A-1001*1', 'A-1001*21', 'A-1001*02', 'A-1001*2*3', 'A-1001*', 'A-1*2'],
    ...[`*${'a'.repeat(27)}*2`, `*${'a'.repeat(28)}`, `${'a'.repeat(31)}*2`],
  ])('is not %s', (text) => {
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

describe("a refund's number", () => {
  const aShopsNo = fc.stringMatching(/^[0-9A-Za-z_-]{1,64}$/).map((text) => must(parseRefundNo(text)));
  const generation = fc.integer({ min: 1, max: 900 });

  it('of PaySaga is one per payment whatever the cause, fits WeChat Pay, and is none a shop can choose', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, generation, (orderNo, number, n) => {
        const own = returnNoOf(nthOutTradeNo(orderNo, number), n);
        expect(own).toMatch(/^[0-9A-Za-z_\-|*@]{1,64}$/);
        expect(parseOutRefundNo(own)).toEqual({ ok: true, value: own });
        expect(parseRefundNo(own)).toEqual({ ok: false, error: 'invalid_refund_no' });
      }),
    );
    const first = nthOutTradeNo(must(parseOrderNo('A-1001')), 1);
    expect(returnNoOf(first)).toBe('A-1001@return');
    expect(returnNoOf(first, 2)).toBe('A-1001@return*2');
  });

  it('is never that of another payment', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, anOrderNo, anAttempt, generation, generation, (a, m, b, n, i, j) => {
        fc.pre(a !== b || m !== n || i !== j);
        expect(returnNoOf(nthOutTradeNo(a, m), i)).not.toBe(returnNoOf(nthOutTradeNo(b, n), j));
      }),
    );
  });

  it('has one successor, the next number of the same payment', () => {
    fc.assert(
      fc.property(anOrderNo, anAttempt, generation, (orderNo, number, n) => {
        const outTradeNo = nthOutTradeNo(orderNo, number);
        expect(successorOf(returnNoOf(outTradeNo, n))).toBe(returnNoOf(outTradeNo, n + 1));
      }),
    );
  });

  it('of the shop is what the shop chose', () => {
    fc.assert(
      fc.property(aShopsNo, (refundNo) => {
        expect(parseOutRefundNo(refundNo)).toEqual({ ok: true, value: refundNo });
      }),
    );
  });

  it.each(['', 'a'.repeat(65), 'R 1', 'A-1001#1', 'Ä-1001'])('is not %j', (text) => {
    expect(parseOutRefundNo(text)).toEqual({ ok: false, error: 'invalid_out_refund_no' });
  });

  it("names its workflow, which is no order's", () => {
    const mchid = must(parseMchid('1900000001'));
    const id = refundWorkflowId(mchid, returnNoOf(nthOutTradeNo(must(parseOrderNo('A-1001')), 2)));
    expect(id).toBe('refund/1900000001/A-1001*2@return');
    expect(parseOrderWorkflowId(id)).toBeUndefined();
  });
});

it("a bulk names its workflow, which is no order's", () => {
  const id = bulkWorkflowId('67700ef7-a7dc-4184-bcb3-4fabafc7ff1f');
  expect(id).toBe('bulk/67700ef7-a7dc-4184-bcb3-4fabafc7ff1f');
  expect(parseOrderWorkflowId(id)).toBeUndefined();
});
