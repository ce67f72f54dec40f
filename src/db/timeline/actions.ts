import { z } from 'zod';
import { EVENT_STATUSES } from '../../domain/merchant-event/event.js';
import {
  CLOSED_REASONS,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
} from '../../domain/order/states.js';
import { REFUND_STATES } from '../../domain/refund/states.js';
import type { OrderSnapshot, TimelineEntry } from '../../domain/timeline.js';
import { isUuid } from '../row-id.js';
import type { operatorActions } from '../schema.js';
import { entryOf } from './entry.js';

export type ActionRow = typeof operatorActions.$inferSelect;

/** What somebody asked for, as the order stood then. */
export function actionEntry(row: ActionRow): TimelineEntry {
  const { knownAt: at, action, actor: by, reason } = row;
  const { amountFen = null, ...asked } = parametersOf(row);
  const detail = asked.action ?? asked.until ?? asked.outcome ?? null;
  // A shop's key has no name, and a person's always has one.
  const source = isUuid(by) ? 'shop' : 'person';
  const before = snapshot.nullable().parse(row.before);
  return entryOf(
    { at, source, kind: `action.${action}`, subject: subjectOf(row) },
    { amountFen, by, reason, before, detail },
  );
}

/** What came of it, with the order before and after. */
export function answerEntry(row: ActionRow, at: Date): TimelineEntry {
  const { action, actor: by, outcome } = row;
  const [before, after] = [snapshot.nullable().parse(row.before), snapshot.nullable().parse(row.after)];
  const said = { at, source: 'paysaga', kind: `answer.${action}`, subject: subjectOf(row) } as const;
  return entryOf(said, { outcome, by, before, after });
}

function subjectOf(row: ActionRow): string {
  const { refundNo, inboxId } = parametersOf(row);
  return row.outRefundNo ?? row.eventId ?? refundNo ?? inboxId ?? row.orderNo;
}

/** Whether somebody had asked for this refund in place of the shop when it was recorded. */
export const askedByPerson = (
  rows: readonly ActionRow[],
  { subject, seq }: { readonly subject: string; readonly seq: number },
): boolean => rows.some((row) => row.action === 'refund' && row.seq < seq && parametersOf(row).refundNo === subject);

const parametersOf = ({ parameters }: ActionRow) => known.parse(parameters);

const known = z.object({
  refundNo: z.string().optional(),
  amountFen: z.number().optional(),
  inboxId: z.string().optional(),
  action: z.string().optional(),
  until: z.string().optional(),
  outcome: z.string().optional(),
});

const snapshot: z.ZodType<OrderSnapshot> = z.object({
  version: z.number(),
  state: z.enum(ORDER_STATES),
  closedReason: z.enum(CLOSED_REASONS).nullable(),
  reviewReason: z.enum(REVIEW_REASONS).nullable(),
  stuckReason: z.enum(STUCK_REASONS).nullable(),
  fulfilment: z.enum(FULFILMENT_STATES),
  expiresAt: z.string(),
  paidFen: z.number(),
  refundingFen: z.number(),
  refundedFen: z.number(),
  returnedFen: z.number(),
  refund: z.object({ refundNo: z.string(), state: z.enum(REFUND_STATES) }).nullable(),
  event: z.object({ id: z.string(), status: z.enum(EVENT_STATUSES) }).nullable(),
});
