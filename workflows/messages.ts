import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BulkAction, BulkProgress } from '../src/bulk/rules/bulk.js';
import type { Language } from '../src/base/language.js';
import type { Explanation } from '../src/domain/explain.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../src/base/ids.js';
import type { Fen } from '../src/base/money.js';
import type { Evidence } from '../src/domain/order/evidence.js';
import type { Shop } from '../src/domain/order/state.js';
import type {
  ClosedReason,
  OrderStateName,
  ResolveAction,
  ResolveOutcome,
  ReviewReason,
  StuckReason,
} from '../src/domain/order/states.js';
import type { Policy } from '../src/domain/policy.js';
import type { Product } from '../src/domain/product.js';
import type { RefundEvidence } from '../src/domain/refund/evidence.js';
import type { RefundState } from '../src/domain/refund/state.js';
import type { RefundResolveAction, RefundResolveOutcome } from '../src/domain/refund/states.js';

/** Workflows with what is local to them, the gateway calls, and the shops' endpoints, apart so that none can starve another. */
export type TaskQueues = {
  readonly order: string;
  readonly wechat: string;
  readonly money: string;
  readonly shop: string;
};

/** A suffix lets several installations share one namespace. */
export const taskQueues = (suffix = ''): TaskQueues => ({
  order: `paysaga${suffix}`,
  wechat: `wechat${suffix}`,
  money: `wechat-money${suffix}`,
  shop: `paysaga-shop${suffix}`,
});

/** The queues that go with the one an order runs on. */
export const queuesBeside = (orderQueue: string): TaskQueues => taskQueues(orderQueue.slice('paysaga'.length));

/**
 * Of every start, child and continued run: the SDK reports a task whose local activities take 0.8 of it as still running, and
 * what arrives then is folded in another order live than in a replay. It is not inherited.
 */
export const WORKFLOW_TASK_TIMEOUT = '30 seconds';

/** Search attributes; registered with the namespace. */
export const SEARCH_ATTRIBUTES = { payState: 'PayState', stuckReason: 'StuckReason', mchid: 'Mchid' } as const;

/** What an order's loop starts with: what it decides on, and nothing of the payer. A resumed one reads Postgres first. */
export type OrderInput = { readonly mchid: Mchid; readonly orderNo: OrderNo; readonly language: Language } & (
  | {
      readonly resume: false;
      readonly amountFen: Fen;
      readonly createdAtMs: number;
      readonly deadlineMs: number;
      readonly product: Product;
      readonly appid: string;
      readonly policy: Policy;
    }
  | { readonly resume: true; readonly recheck: boolean }
);

/** A refund reads its row first, always: the row is the guard and knows how far it came. */
export type RefundInput = {
  readonly mchid: Mchid;
  readonly outRefundNo: OutRefundNo;
  readonly language: Language;
  /** WeChat Pay is asked at once. */
  readonly isAsked?: boolean;
  /** The order it is of, where PaySaga may not have made it: its row is then written from what WeChat Pay says. */
  readonly externalOf?: OrderNo;
};

/** A bulk's workflow; Postgres holds its orders and which of them are still open. */
export type BulkInput = {
  readonly bulkId: string;
  readonly mchid: Mchid;
  readonly action: BulkAction;
  /** As it was when this run was started. */
  readonly progress: BulkProgress;
  readonly language: Language;
};

/** An event's own workflow; the row holds what to tell and when. */
export type EventInput = { readonly eventId: string; readonly language: Language };

export type OpenAttemptInput = {
  readonly outTradeNo: OutTradeNo;
  readonly product: Product;
  readonly appid: string;
  readonly reenter: boolean;
};

export type OrderStatus = {
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly stuckReason: StuckReason | null;
  readonly explain: Explanation;
};

export const createUpdate = defineUpdate<undefined>('create');
export const openAttemptUpdate = defineUpdate<OpenAttemptOutcome, [OpenAttemptInput]>('openAttempt');
export const closeUpdate = defineUpdate<CloseOutcome>('close');
export const syncUpdate = defineUpdate<'answered' | 'pending'>('sync');
export const extendDeadlineUpdate = defineUpdate<'extended' | 'not_open', [{ readonly untilMs: number }]>(
  'extendDeadline',
);
export const fulfilmentUpdate = defineUpdate<FulfilmentOutcome, ['fulfilled' | 'rejected']>('reportFulfilment');
export const resolveUpdate = defineUpdate<ResolveOutcome, [ResolveAction]>('resolve');
export const evidenceSignal = defineSignal<[Evidence]>('evidence');
export const shopHeardSignal = defineSignal<[Shop]>('shopHeard');
export const recheckSignal = defineSignal('recheck');
export const statusQuery = defineQuery<OrderStatus>('status');

export const refundEvidenceSignal = defineSignal<[RefundEvidence]>('evidence');
export const refundResolveUpdate = defineUpdate<RefundResolveOutcome, [RefundResolveAction]>('resolve');
export const refundStatusQuery = defineQuery<RefundState | null>('status');
export const resendSignal = defineSignal('resend');

export type FulfilmentOutcome = 'recorded' | 'final' | 'not_expected';
export type OpenAttemptOutcome = 'opened' | 'refused' | 'not_payable' | 'close_pending' | 'stuck';
export type CloseOutcome = 'closed' | 'paid' | 'review';
