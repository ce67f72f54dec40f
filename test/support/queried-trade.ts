import type { Db } from '../../src/db/connection.js';
import type { PaymentFacts } from '../../src/orders/rules/gateway-answer.js';
import type { OrderRecord } from '../../src/orders/rules/record.js';
import { nthOutTradeNo } from '../../src/orders/store/attempt.js';
import { recordTrade } from '../../src/orders/store/evidence.js';

/** A query found the first number paid, and WeChat Pay said this of the payment. */
export async function queriedTrade(db: Db, order: OrderRecord, payment: PaymentFacts, at: Date): Promise<void> {
  const { mchid, orderNo } = order;
  const ref = { mchid, orderNo, outTradeNo: nthOutTradeNo(orderNo, 1) };
  const call = { ...ref, api: 'query', at, outcome: 'paid', durationMs: 12, nextAt: null } as const;
  const trade = { transactionId: `4200-${orderNo}`, appid: 'wx0000000000000001', tradeType: 'NATIVE' };
  const fact = { ...ref, ...trade, source: 'query', totalFen: order.amountFen, currency: 'CNY' } as const;
  await recordTrade(db, call, { fact, payment, at });
}
