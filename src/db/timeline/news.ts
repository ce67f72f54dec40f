import type { GatewayApi } from '../../domain/gateway-answer.js';
import type { EvidenceSource } from '../../domain/order/evidence.js';
import type { OrderRecord } from '../../domain/order/record.js';
import type { TimelineEntry, TimelineSource } from '../../domain/timeline.js';
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
};

export const callLine = ({ id, at, api, outTradeNo: subject, outcome, durationMs }: CallRow): Line => ({
  seq: Number(id),
  entry: entryOf({ at, source: 'gateway', kind: `call.${api}`, subject }, { outcome, durationMs }),
});

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
