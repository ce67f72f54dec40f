import { z } from 'zod';
import type { deliveries, evidence, gatewayCalls, merchantEvents, operatorActions } from '../../db/schema.js';
import { isUuid, refusalOf } from '../../db/stored-values.js';
import { refusedParameter, type GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import {
  CLOSED_REASONS,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
} from '../../orders/rules/states.js';
import { REFUND_STATES } from '../../refunds/rules/states.js';
import { EVENT_STATUSES } from '../../shop-events/rules/event.js';
import type { OrderSnapshot, TimelineEntry } from '../rules/entry.js';

/** An entry and when it became known, in the count that all tables of a timeline share. */
export type Line = { readonly seq: number; readonly entry: TimelineEntry };

type Said = Pick<TimelineEntry, 'at' | 'source' | 'kind' | 'subject'>;

export const entryOf = (said: Said, known: Partial<TimelineEntry> = {}): TimelineEntry => ({
  wechatAt: null,
  outcome: null,
  amountFen: null,
  by: null,
  reason: null,
  before: null,
  after: null,
  detail: null,
  gateway: null,
  durationMs: null,
  count: null,
  ...said,
  ...known,
});

export type ActionRow = typeof operatorActions.$inferSelect;

export function actionEntry(row: ActionRow): TimelineEntry {
  const { knownAt: at, action, actor: by, reason } = row;
  const { amountFen = null, ...asked } = parametersOf(row);
  const detail = asked.action ?? asked.until ?? asked.outcome ?? null;
  const source = isShop(by) ? 'shop' : 'person';
  const before = snapshot.nullable().parse(row.before);
  return entryOf(
    { at, source, kind: `action.${action}`, subject: subjectOf(row) },
    { amountFen, by, reason, before, detail },
  );
}

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

/** Whether a person had asked for this refund in place of the shop when it was recorded. */
export const askedByPerson = (
  rows: readonly ActionRow[],
  { subject, seq }: { readonly subject: string; readonly seq: number },
): boolean =>
  rows.some(
    (row) => row.action === 'refund' && !isShop(row.actor) && row.seq < seq && parametersOf(row).refundNo === subject,
  );

/** A shop's key has no name, and a person's always has one. */
const isShop = (actor: string): boolean => isUuid(actor);

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

export function evidenceLine(row: typeof evidence.$inferSelect): Line {
  const { seq, source, outTradeNo, transactionId, amountFen, knownAt: at } = row;
  const saidBy = source === 'notify' ? 'notify' : 'gateway';
  const said = { at, source: saidBy, kind: `evidence.${source}`, subject: transactionId } as const;
  return { seq, entry: entryOf(said, { amountFen, detail: outTradeNo }) };
}

export type CallRow = typeof gatewayCalls.$inferSelect;

/** Known when it was answered, not when it was made. */
export function callLine({ id, knownAt: at, api, outTradeNo: subject, outcome, durationMs, ...made }: CallRow): Line {
  const said = { at, source: 'gateway', kind: `call.${api}`, subject } as const;
  const gateway = refusalOf(made.gateway);
  return { seq: Number(id), entry: entryOf(said, { outcome, durationMs, gateway, ...inWords(outcome, gateway) }) };
}

/** The code, where the outcome is not it, with the parameter it is about; the message is the reason. */
function inWords(outcome: string, answer: GatewayRefusal | null): Pick<TimelineEntry, 'reason' | 'detail'> {
  if (answer === null) return { reason: null, detail: null };
  const { code, message } = answer;
  const said = [code === outcome ? '' : (code ?? ''), refusedParameter(answer)].filter((text) => text !== '');
  return { reason: message || null, detail: said.join(': ') || null };
}

export const omittedCalls = (subject: string, count: number, at: Date): TimelineEntry =>
  entryOf({ at, source: 'paysaga', kind: 'call.omitted', subject }, { outcome: String(count), count });

type EventRow = Pick<typeof merchantEvents.$inferSelect, 'seq' | 'knownAt' | 'id' | 'type' | 'outRefundNo'>;

export const eventLine = ({ seq, knownAt: at, id: subject, type, outRefundNo: detail }: EventRow): Line => ({
  seq,
  entry: entryOf({ at, source: 'paysaga', kind: `event.${type}`, subject }, { detail }),
});

type DeliveryRow = Omit<typeof deliveries.$inferSelect, 'at'>;

export function deliveryLine({ seq, knownAt: at, eventId: subject, ...tried }: DeliveryRow): Line {
  const { status, outcome, durationMs } = tried;
  const detail = status === 0 ? null : String(status);
  return { seq, entry: entryOf({ at, source: 'shop', kind: 'delivery', subject }, { outcome, detail, durationMs }) };
}
