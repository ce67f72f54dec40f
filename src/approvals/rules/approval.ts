import type { Mchid, OrderNo, OutRefundNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected'] as const;
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number];

export const APPROVAL_DECISION_NAMES = ['approve', 'reject'] as const;
export type ApprovalDecisionName = (typeof APPROVAL_DECISION_NAMES)[number];

export const STATUS_AFTER = { approve: 'approved', reject: 'rejected' } as const satisfies Record<
  ApprovalDecisionName,
  ApprovalStatus
>;

/** Of a merchant: refunds of one order that nobody approved come to at most this sum. */
export type ApprovalPolicy = { readonly refundAboveFen: number };

/** A refund that was asked for and is not begun before another person approves it. */
export type ApprovalRecord = {
  readonly id: string;
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly outRefundNo: OutRefundNo;
  readonly amountFen: Fen;
  /** What the payer is to read at WeChat Pay. */
  readonly reason: string | null;
  readonly status: ApprovalStatus;
  readonly createdAt: Date;
  readonly askedByKey: string;
  /** Null where the shop's own backend asked. */
  readonly askedByName: string | null;
  readonly decidedAt: Date | null;
  readonly decidedByKey: string | null;
  readonly decidedByName: string | null;
  readonly decisionReason: string | null;
};

/** A person is known by a key or by a name: neither a second key of the same name nor the same key decides. */
export const isOwnAsk = (
  { askedByKey, askedByName }: Pick<ApprovalRecord, 'askedByKey' | 'askedByName'>,
  decider: { readonly id: string; readonly name: string | null },
): boolean => askedByKey === decider.id || (askedByName !== null && askedByName === decider.name);
