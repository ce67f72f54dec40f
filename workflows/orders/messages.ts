import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Language } from '../../src/base/language.js';
import type { Explanation } from '../../src/orders/rules/explain/explain.js';
import type { Mchid, OrderNo } from '../../src/base/ids.js';
import type { AttemptRequested } from '../../src/orders/rules/events.js';
import type { Evidence } from '../../src/orders/rules/evidence.js';
import type { OrderState, Shop } from '../../src/orders/rules/state.js';
import type { ResolveAction, ResolveOutcome } from '../../src/orders/rules/states.js';
import type { OrderProjection } from '../../src/orders/rules/projection.js';
import type { Product } from '../../src/orders/rules/product.js';

type Terms = Pick<OrderState, 'amountFen' | 'createdAtMs' | 'deadlineMs' | 'policy'>;

/** What an order's loop decides on, and nothing of the payer. A resumed one reads Postgres first. */
export type OrderInput = { readonly mchid: Mchid; readonly orderNo: OrderNo; readonly language: Language } & (
  | ({ readonly resume: false; readonly product: Product; readonly appid: string } & Terms)
  | { readonly resume: true; readonly recheck: boolean }
);

export type OpenAttemptInput = Omit<AttemptRequested, 'type'>;

export type OrderStatus = Pick<OrderProjection, 'state' | 'closedReason' | 'reviewReason' | 'stuckReason'> & {
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
export const statusQuery = defineQuery<OrderStatus>('status');

export type FulfilmentOutcome = 'recorded' | 'final' | 'not_expected';
export type OpenAttemptOutcome = 'opened' | 'refused' | 'not_payable' | 'close_pending' | 'stuck';
export type CloseOutcome = 'closed' | 'paid' | 'review';
