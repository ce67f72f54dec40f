import type { InboxRow } from '../../inbox/store/inbox.js';
import { receiveNotify } from '../../inbox/store/receive.js';
import type { Mchid } from '../../base/ids.js';
import { NotifyRejected, type NotifyReader, type ParsedNotify, type RawNotify } from '../../channels/port.js';
import type { IngressMetrics } from '../../metrics/ingress.js';
import { ApiError } from '../api-error.js';
import type { IngressDeps } from '../deps.js';
import type { NotifyCounters } from './counters.js';
import type { RejectionLog } from './rejection-log.js';
import { tell, type TellDeps } from './tell.js';

export type AcceptDeps = TellDeps &
  Pick<IngressDeps, 'gateways'> & {
    readonly counters: NotifyCounters;
    readonly logRejection: RejectionLog;
    readonly metrics: Pick<IngressMetrics, 'notifySignalled'>;
    /** Told whom the notify concerns, for the log, as soon as that is certain. */
    readonly about: (facts: Readonly<Record<string, string>>) => void;
  };

/**
 * Returns only when the notify's row is committed and its order or refund has been told, so that the answer may be a success; of
 * other kinds nobody is told. Throws otherwise, and WeChat Pay repeats.
 */
export async function acceptNotify(deps: AcceptDeps, path: Mchid, raw: RawNotify): Promise<void> {
  const startedAt = performance.now();
  const reader = deps.gateways.notifiesTo(path);
  if (reader === undefined) throw new ApiError('not_found', 'This merchant is not configured.');
  const parsed = await verify(deps, reader, path, raw);
  const row = await record(deps, raw, parsed);
  deps.about(namesOf(row));
  if (row.status === 'signalled' || row.status === 'duplicate') {
    deps.counters.count('repeated');
    return;
  }
  if (row.kind === 'other') {
    deps.counters.count(parsed.kind === 'other' && parsed.isUnread ? 'unreadable' : 'unsupported');
    return;
  }
  if ((await tell(deps, row)) === 'unmatched') {
    deps.counters.count('unmatched');
    throw new ApiError('order_not_found', 'No order has this outTradeNo.');
  }
  deps.counters.count('accepted');
  deps.metrics.notifySignalled(row.kind, performance.now() - startedAt);
}

function namesOf(row: InboxRow): Readonly<Record<string, string>> {
  const { id: inboxId, kind, eventType, outTradeNo, orderNo } = row;
  const refund = row.kind === 'refund' ? { outRefundNo: row.outRefundNo } : {};
  const trade = outTradeNo === null ? { eventType } : { outTradeNo };
  return { inboxId, kind, ...trade, ...refund, ...(orderNo === null ? {} : { orderNo }) };
}

async function verify(deps: AcceptDeps, reader: NotifyReader, path: Mchid, raw: RawNotify): Promise<ParsedNotify> {
  try {
    return await reader.parseNotify(raw);
  } catch (error) {
    if (!(error instanceof NotifyRejected)) throw error;
    deps.counters.count(error.code);
    deps.logRejection(path, error.code);
    throw new ApiError('unauthorized', 'The notify could not be verified.', { cause: error });
  }
}

function record(deps: AcceptDeps, raw: RawNotify, parsed: ParsedNotify): Promise<InboxRow> {
  const { body: rawBody, headers } = raw;
  return receiveNotify(deps.connection.db, {
    ...parsed,
    protocol: 'v3',
    rawBody,
    headers,
    receivedAt: deps.now(),
  });
}
