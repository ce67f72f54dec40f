import type { GatewayApi } from '../../domain/gateway-answer.js';
import type { MerchantEventRecord } from '../../domain/merchant-event/event.js';
import type { EvidenceSource } from '../../domain/order/evidence.js';
import type { EvidenceRecord, OrderRecord } from '../../domain/order/record.js';
import type { TimelineEntry, TimelineSource } from '../../domain/timeline.js';
import type { InboxRow } from '../inbox-row.js';
import { entryOf } from './entry.js';

const SAID_BY: Readonly<Record<EvidenceSource, TimelineSource>> = {
  notify: 'notify',
  query: 'gateway',
  bill: 'gateway',
};

export function evidenceEntry({ source, outTradeNo, transactionId, amountFen, at }: EvidenceRecord): TimelineEntry {
  const said = { at, source: SAID_BY[source], kind: `evidence.${source}`, subject: transactionId };
  return entryOf(said, { amountFen, detail: outTradeNo });
}

/** That it came, and that whom it concerns was told. Its raw body stays where it is. */
export function notifyEntries(row: InboxRow): TimelineEntry[] {
  const { receivedAt: at, kind, status: outcome, deliveries: count, signalledAt, id: detail } = row;
  const amountFen = row.kind === 'payment' ? (row.evidence?.totalFen ?? null) : null;
  const subject = row.kind === 'payment' ? row.outTradeNo : row.outRefundNo;
  const received = { at, source: 'notify', kind: `notify.${kind}`, subject } as const;
  const told = { source: 'paysaga', kind: 'notify.told', subject } as const;
  return [
    entryOf(received, { outcome, amountFen, count, detail }),
    ...(signalledAt === null ? [] : [entryOf({ ...told, at: signalledAt }, { outcome, detail })]),
  ];
}

export type CallRow = {
  readonly at: Date;
  readonly api: GatewayApi;
  readonly outTradeNo: string;
  readonly outcome: string;
  readonly durationMs: number;
};

export const callEntry = ({ at, api, outTradeNo: subject, outcome, durationMs }: CallRow): TimelineEntry =>
  entryOf({ at, source: 'gateway', kind: `call.${api}`, subject }, { outcome, durationMs });

/** Stands before the calls that are given. */
export const omittedCalls = ({ orderNo, createdAt: at }: OrderRecord, count: number): TimelineEntry =>
  entryOf({ at, source: 'paysaga', kind: 'call.omitted', subject: orderNo }, { outcome: String(count), count });

export function eventEntries({
  id: subject,
  type,
  createdAt,
  status,
  deliveries,
}: MerchantEventRecord): TimelineEntry[] {
  const emitted = { at: createdAt, source: 'paysaga', kind: `event.${type}`, subject } as const;
  const tried = deliveries.map(({ at, status: answer, outcome, durationMs }) => {
    const detail = answer === 0 ? null : String(answer);
    return entryOf({ at, source: 'shop', kind: 'delivery', subject }, { outcome, detail, durationMs });
  });
  return [entryOf(emitted, { outcome: status }), ...tried];
}
