import type { Mchid } from '../src/base/ids.js';
import type { GatewayApi } from '../src/orders/rules/gateway-answer.js';
import type { OrderRecord } from '../src/orders/rules/record.js';
import type { PaidFacts } from '../src/orders/store/evidence.js';
import type { BillKind } from '../src/reconciliation/rules/bill-line.js';
import type { RefundRecord } from '../src/refunds/rules/record.js';

/** Whom activities tell what they did, for metrics. Answers at once and never throws: nothing that happens to money waits for it. */
export type Observe = {
  /** `found`: of an order that became paid. */
  orderMoved(order: OrderRecord, found: PaidFacts | null): void;
  /** The refund left for WeChat Pay for the first time. */
  refundRequested(refund: RefundRecord): void;
  refundMoved(refund: RefundRecord): void;
  /** `outcome`: the kind of the answer or the code of the failure. */
  gatewayCall(call: { mchid: Mchid; api: GatewayApi; outcome: string; durationMs: number }): void;
  /** A bill was dealt with: `imported`, there is `none`, or why it cannot be trusted. */
  billFetched(bill: { mchid: Mchid; kind: BillKind; outcome: string }): void;
  delivery(delivery: { mchid: Mchid; outcome: string; durationMs: number }): void;
  swept(found: Readonly<Record<string, number>>): void;
};
