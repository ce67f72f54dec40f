import { markInbox, receiveNotify, type InboxRow } from '../../db/notify-inbox.js';
import type { Mchid } from '../../domain/ids.js';
import { type Gateway, NotifyRejected, type ParsedNotify, type RawNotify } from '../../gateway/port.js';
import { ApiError } from '../api-error.js';
import type { IngressDeps } from '../deps.js';
import type { NotifyCounters } from './counters.js';
import { deliver } from './deliver.js';
import type { RejectionLog } from './rejection-log.js';

export type AcceptDeps = Pick<IngressDeps, 'connection' | 'gateways' | 'orders' | 'now'> & {
  readonly counters: NotifyCounters;
  readonly logRejection: RejectionLog;
};

/**
 * Returns only when the notify's row is committed and its order has been told, so that the answer may be a success. Throws
 * otherwise, and WeChat Pay repeats.
 */
export async function acceptNotify(deps: AcceptDeps, mchid: Mchid, raw: RawNotify): Promise<void> {
  const gateway = deps.gateways.for(mchid);
  if (gateway === undefined) throw new ApiError('not_found', 'This merchant is not configured.');
  const parsed = await verify(deps, gateway, mchid, raw);
  const row = await record(deps, mchid, raw, parsed);
  if (row.status === 'unmatched') {
    deps.counters.count('unmatched');
    throw new ApiError('order_not_found', 'No order has this outTradeNo.');
  }
  if (row.status !== 'verified') {
    deps.counters.count('repeated');
    return;
  }
  const outcome = await deliver(deps.orders, row);
  await markInbox(deps.connection.db, row.id, outcome, deps.now());
  deps.counters.count('accepted');
}

async function verify(deps: AcceptDeps, gateway: Gateway, mchid: Mchid, raw: RawNotify): Promise<ParsedNotify> {
  try {
    return await gateway.parseNotify(raw);
  } catch (error) {
    if (!(error instanceof NotifyRejected)) throw error;
    deps.counters.count(error.code);
    deps.logRejection(mchid, error.code);
    throw new ApiError('unauthorized', 'The notify could not be verified.', { cause: error });
  }
}

function record(deps: AcceptDeps, mchid: Mchid, raw: RawNotify, parsed: ParsedNotify): Promise<InboxRow> {
  const { key, kind, outTradeNo, serialNo, evidence } = parsed;
  return receiveNotify(deps.connection.db, {
    mchid,
    protocol: 'v3',
    kind,
    key,
    outTradeNo,
    serialNo,
    rawBody: raw.body,
    headers: raw.headers,
    evidence,
    receivedAt: deps.now(),
  });
}
