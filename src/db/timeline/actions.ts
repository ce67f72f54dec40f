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

/** What somebody asked for, when they asked; `outcome` and `after` are what came of it. */
export function actionEntry(row: ActionRow): TimelineEntry {
  const { requestedAt: at, action, actor: by, reason, outcome } = row;
  const { refundNo, inboxId, amountFen = null, ...asked } = parametersOf(row);
  const subject = row.outRefundNo ?? row.eventId ?? refundNo ?? inboxId ?? row.orderNo;
  const detail = asked.action ?? asked.until ?? asked.outcome ?? null;
  const before = snapshot.nullable().parse(row.before);
  const after = snapshot.nullable().parse(row.after);
  // A shop's key has no name, and a person's always has one.
  const source = isUuid(by) ? 'shop' : 'person';
  return entryOf(
    { at, source, kind: `action.${action}`, subject },
    { outcome, amountFen, by, reason, before, after, detail },
  );
}

/** The refunds that operators asked for in place of the shop. */
export function personsRefunds(rows: readonly ActionRow[]): ReadonlySet<string> {
  const made = rows.filter(({ action, outcome }) => action === 'refund' && outcome === 'requested');
  return new Set(made.flatMap((row) => parametersOf(row).refundNo ?? []));
}

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
