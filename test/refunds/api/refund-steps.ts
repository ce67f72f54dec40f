import { projectRefund } from '../../../src/refunds/store/projection.js';
import { reserveReturn } from '../../../src/refunds/store/reserve.js';
import { loadRefund } from '../../../src/refunds/store/record.js';
import { nthOutTradeNo } from '../../../src/orders/store/attempt.js';
import { parseOutRefundNo, type OutRefundNo } from '../../../src/base/ids.js';
import type { RefundProjection } from '../../../src/refunds/rules/state.js';
import type { RefundRecord } from '../../../src/refunds/rules/record.js';
import { orderNo } from '../../db/fixtures.js';
import { MCHID, type TestApp } from '../../http/support/test-app.js';

export function refundNo(text: string): OutRefundNo {
  const parsed = parseOutRefundNo(text);
  if (!parsed.ok) throw new Error(`not valid: ${parsed.error}`);
  return parsed.value;
}

/** What the refund's workflow writes when WeChat Pay has answered. */
export async function moveRefund(
  test: TestApp,
  number: string,
  change: Pick<RefundProjection, 'state'> & Partial<RefundProjection>,
): Promise<void> {
  const projection: RefundProjection = {
    mchid: MCHID,
    outRefundNo: refundNo(number),
    refundId: null,
    succeededAtMs: null,
    offline: false,
    trouble: null,
    ...change,
  };
  const { applied } = await projectRefund(test.connection.db, projection, test.clock.now);
  if (!applied) throw new Error('The row refused this projection');
}

/** PaySaga's own refund of an order's first payment; answers its number. */
export async function returnPayment(test: TestApp, number: string): Promise<string> {
  const outTradeNo = nthOutTradeNo(orderNo(number), 1);
  const request = {
    mchid: MCHID,
    orderNo: orderNo(number),
    outTradeNo,
    cause: 'operator',
    now: test.clock.now,
  } as const;
  const reserved = await reserveReturn(test.connection.db, request);
  if (reserved.kind !== 'reserved') throw new Error(`not reserved: ${reserved.kind}`);
  return reserved.refund.outRefundNo;
}

export async function storedRefund(test: TestApp, number: string): Promise<RefundRecord | undefined> {
  return loadRefund(test.connection.db, { mchid: MCHID, outRefundNo: refundNo(number) });
}
