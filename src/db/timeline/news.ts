import { refusedParameter, type GatewayApi, type GatewayRefusal } from '../../domain/gateway-answer.js';
import type { EvidenceSource } from '../../domain/order/evidence.js';
import type { TimelineEntry, TimelineSource } from '../../domain/timeline.js';
import { refusalOf } from '../refusal.js';
import type { deliveries, evidence, merchantEvents } from '../schema.js';
import { entryOf, type Line } from './entry.js';

const SAID_BY: Readonly<Record<EvidenceSource, TimelineSource>> = {
  notify: 'notify',
  query: 'gateway',
  bill: 'gateway',
};

type EvidenceRow = Pick<
  typeof evidence.$inferSelect,
  'seq' | 'knownAt' | 'source' | 'outTradeNo' | 'transactionId' | 'amountFen'
>;

export function evidenceLine({ seq, source, outTradeNo, transactionId, amountFen, knownAt: at }: EvidenceRow): Line {
  const said = { at, source: SAID_BY[source], kind: `evidence.${source}`, subject: transactionId };
  return { seq, entry: entryOf(said, { amountFen, detail: outTradeNo }) };
}

export type CallRow = {
  readonly id: bigint;
  readonly knownAt: Date;
  readonly api: GatewayApi;
  readonly outTradeNo: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly gateway: unknown;
};

/** Known when it was answered, not when it was made. */
export function callLine({ id, knownAt: at, api, outTradeNo: subject, outcome, ...made }: CallRow): Line {
  const said = { at, source: 'gateway', kind: `call.${api}`, subject } as const;
  const { durationMs } = made;
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

/** Stands before the calls that are given. */
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
