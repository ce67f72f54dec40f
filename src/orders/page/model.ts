import type { Language } from '../../base/language.js';
import type { Tone } from '../../ops/kit/pieces.js';
import type { Explanation } from '../rules/explain/explain.js';
import type { MerchantEventRecord } from '../../shop-events/rules/event.js';
import type { OrderRecord } from '../rules/record.js';
import type { Text } from '../../actions/rules/decision.js';
import { saidAfterwards, type AboutOrder } from '../../decisions/rules/decisions.js';
import type { RefundDecisionName } from '../../refunds/rules/decisions.js';
import type { ApprovalDecisionName, ApprovalRecord } from '../../approvals/rules/approval.js';
import type { TimelineItem } from './timeline-items.js';

export type OrderPageModel = {
  readonly order: OrderRecord;
  readonly explanation: Explanation;
  /** Null once it opens nothing any more. */
  readonly checkoutUrl: string | null;
  readonly events: readonly MerchantEventRecord[];
  readonly hasEndpoint: boolean;
  readonly timeline: readonly TimelineItem[];
  readonly actions: readonly AboutOrder[];
  readonly refundActions: ReadonlyMap<string, readonly RefundDecisionName[]>;
  /** That wait for another person. */
  readonly approvals: readonly ApprovalRecord[];
  readonly language: Language;
  readonly now: Date;
  /** What somebody has just done here. */
  readonly flash: Flash | undefined;
  readonly temporal: (workflowId: string) => string | undefined;
};

/** Trouble first. */
export function orderTone({ state, stuckReason }: Pick<OrderRecord, 'state' | 'stuckReason'>): Tone {
  if (stuckReason !== null || state === 'review') return 'bad';
  if (state === 'paid') return 'good';
  return state === 'closed' ? 'calm' : 'busy';
}

/** Only words of ours: nothing of the address is shown. */
export function flashOf(done: string | undefined): Flash | undefined {
  const text = done === undefined ? undefined : saidAfterwards(done);
  return done === undefined || text === undefined ? undefined : { done, text };
}

type Flash = { readonly done: string; readonly text: Text };

/** Attempts of an order whose numbers hold `*`, and refunds whose numbers hold `@`, are encoded. */
export const paths = {
  orders: '/ops/orders',
  refunds: '/ops/refunds',
  order: ({ mchid, orderNo }: { readonly mchid: string; readonly orderNo: string }): string =>
    `/ops/orders/${mchid}/${encodeURIComponent(orderNo)}`,
  orderAction: (order: { readonly mchid: string; readonly orderNo: string }, action: AboutOrder): string =>
    `${paths.order(order)}/${action}`,
  refundAction: (mchid: string, refundNo: string, action: RefundDecisionName): string =>
    `/ops/refunds/${mchid}/${encodeURIComponent(refundNo)}/${action}`,
  approvalAction: (approval: { readonly mchid: string; readonly id: string }, action: ApprovalDecisionName): string =>
    `/ops/approvals/${approval.mchid}/${approval.id}/${action}`,
  day: ({ mchid, date }: { readonly mchid: string; readonly date: string }): string =>
    `/ops/reconciliation/days/${mchid}/${date}`,
  resend: (mchid: string, eventId: string): string => `/ops/events/${mchid}/${eventId}/resend`,
  redrive: (mchid: string, inboxId: string): string => `/ops/inbox/${mchid}/${inboxId}/redrive`,
};
