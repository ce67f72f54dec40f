import { refusedParameter, type GatewayApi } from '../../domain/gateway-answer.js';
import type { EvidenceSource } from '../../domain/order/evidence.js';
import type { OrderRecord } from '../../domain/order/record.js';
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
  'seq' | 'at' | 'source' | 'outTradeNo' | 'transactionId' | 'amountFen'
>;

export function evidenceLine({ seq, source, outTradeNo, transactionId, amountFen, at }: EvidenceRow): Line {
  const said = { at, source: SAID_BY[source], kind: `evidence.${source}`, subject: transactionId };
  return { seq, entry: entryOf(said, { amountFen, detail: outTradeNo }) };
}

export type CallRow = {
  readonly id: bigint;
  readonly at: Date;
  readonly api: GatewayApi;
  readonly outTradeNo: string;
  readonly outcome: string;
  readonly durationMs: number;
  readonly gateway: unknown;
};

export function callLine({ id, at, api, outTradeNo: subject, outcome, durationMs, gateway }: CallRow): Line {
  const said = { at, source: 'gateway', kind: `call.${api}`, subject } as const;
  return { seq: Number(id), entry: entryOf(said, { outcome, durationMs, ...refusedWith(outcome, gateway) }) };
}

/** The code, where the outcome is not it, with the parameter it is about; the message is the reason. */
function refusedWith(outcome: string, gateway: unknown): Pick<TimelineEntry, 'reason' | 'detail'> {
  const refusal = refusalOf(gateway);
  if (refusal === null) return { reason: null, detail: null };
  const { code, message } = refusal;
  const said = [code === outcome ? '' : code, refusedParameter(refusal)].filter((text) => text !== '');
  return { reason: message, detail: said.length === 0 ? null : said.join(': ') };
}

/** Stands before the calls that are given. */
export const omittedCalls = ({ orderNo, createdAt: at }: OrderRecord, count: number): TimelineEntry =>
  entryOf({ at, source: 'paysaga', kind: 'call.omitted', subject: orderNo }, { outcome: String(count), count });

type EventRow = Pick<typeof merchantEvents.$inferSelect, 'seq' | 'id' | 'type' | 'outRefundNo'> & { readonly at: Date };

export const eventLine = ({ seq, at, id: subject, type, outRefundNo: detail }: EventRow): Line => ({
  seq,
  entry: entryOf({ at, source: 'paysaga', kind: `event.${type}`, subject }, { detail }),
});

export function deliveryLine({ seq, at, eventId: subject, ...tried }: typeof deliveries.$inferSelect): Line {
  const { status, outcome, durationMs } = tried;
  const detail = status === 0 ? null : String(status);
  return { seq, entry: entryOf({ at, source: 'shop', kind: 'delivery', subject }, { outcome, detail, durationMs }) };
}
