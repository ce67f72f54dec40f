import type { GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import type { RefundCause, RefundStateName, RefundTrouble } from './states.js';

export type RefundRecord = {
  readonly mchid: Mchid;
  readonly outRefundNo: OutRefundNo;
  readonly orderNo: OrderNo;
  readonly outTradeNo: OutTradeNo;
  readonly amountFen: Fen;
  /** The attempt's confirmed total: `amount.total` of every apply. */
  readonly totalFen: Fen;
  readonly state: RefundStateName;
  readonly cause: RefundCause;
  /** Shown to the payer by WeChat Pay; read by activities and the API only. */
  readonly reason: string | null;
  /** Paid back outside WeChat Pay, as an operator said. */
  readonly offline: boolean;
  readonly refundId: string | null;
  readonly channel: string | null;
  /** Read by the API only, for the shop. */
  readonly receivedAccount: string | null;
  readonly acceptedAt: Date | null;
  readonly gateway: GatewayRefusal | null;
  /** The refund that came to nothing and whose place this one takes. */
  readonly predecessor: OutRefundNo | null;
  readonly trouble: RefundTrouble | null;
  readonly createdAt: Date;
  /** When the first apply left; null = WeChat Pay cannot know it. */
  readonly appliedAt: Date | null;
  readonly succeededAt: Date | null;
  /** Since when its workflow cannot go on; null while it does. */
  readonly stalledSince: Date | null;
};
