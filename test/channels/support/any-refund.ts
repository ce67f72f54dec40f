import fc from 'fast-check';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { returnNoOf } from '../../../src/base/ids.js';
import type { RefundRequest } from '../../../src/channels/port.js';
import { fen, orderNo, outRefundNo } from './values.js';

const anyOutTradeNo = fc
  .tuple(fc.stringMatching(/^[0-9A-Za-z_-]{6,32}$/).map(orderNo), fc.integer({ min: 1, max: 20 }))
  .map(([number, n]) => nthOutTradeNo(number, n));

const reason = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 80 })
  .filter((text) => Buffer.byteLength(text) <= 80);

/** Every refund that PaySaga may ask for: the shop's number or one of its own, up to the largest order. */
export const anyRefund: fc.Arbitrary<RefundRequest> = fc
  .record({
    outTradeNo: anyOutTradeNo,
    shopsNumber: fc.option(fc.stringMatching(/^[0-9A-Za-z_-]{1,64}$/)),
    successor: fc.integer({ min: 1, max: 999 }),
    totalFen: fc.integer({ min: 1, max: 1_000_000_000 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    reason: fc.option(reason),
  })
  .map((it) => ({
    outTradeNo: it.outTradeNo,
    outRefundNo: it.shopsNumber === null ? returnNoOf(it.outTradeNo, it.successor) : outRefundNo(it.shopsNumber),
    amountFen: fen(Math.max(1, Math.floor(it.totalFen * it.part))),
    totalFen: fen(it.totalFen),
    reason: it.reason,
    source: null,
  }));
