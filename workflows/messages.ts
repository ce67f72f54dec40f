import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Explanation, Language } from '../src/domain/explain.js';
import type { Mchid, OrderNo, OutTradeNo } from '../src/domain/ids.js';
import type { Fen } from '../src/domain/money.js';
import type { Evidence } from '../src/domain/order/evidence.js';
import type { ClosedReason, OrderStateName, ReviewReason, StuckReason } from '../src/domain/order/states.js';
import type { Policy } from '../src/domain/policy.js';
import type { Product } from '../src/domain/product.js';

/** Workflows with what is local to them, and the gateway calls, apart so that one cannot starve the other. */
export type TaskQueues = { readonly order: string; readonly wechat: string; readonly money: string };

/** A suffix lets several installations share one namespace. */
export const taskQueues = (suffix = ''): TaskQueues => ({
  order: `paysaga${suffix}`,
  wechat: `wechat${suffix}`,
  money: `wechat-money${suffix}`,
});

/** The queues that go with the one an order runs on. */
export const queuesBeside = (orderQueue: string): TaskQueues => taskQueues(orderQueue.slice('paysaga'.length));

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
export const evidenceSignal = defineSignal<[Evidence]>('evidence');
export const recheckSignal = defineSignal('recheck');
export const statusQuery = defineQuery<OrderStatus>('status');

export type OpenAttemptOutcome = 'opened' | 'refused' | 'not_payable' | 'close_pending' | 'stuck';
export type CloseOutcome = 'closed' | 'paid' | 'review';
