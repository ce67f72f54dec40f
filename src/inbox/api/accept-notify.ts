import type { InboxRow } from '../store/inbox.js';
import { receiveNotify } from '../store/receive.js';
import type { Logger } from 'pino';
import type { Mchid } from '../../base/ids.js';
import {
  NotifyRejected,
  type NotifyPath,
  type NotifyReader,
  type NotifyRejection,
  type ParsedNotify,
  type RawNotify,
} from '../../channels/port.js';
import { ApiError } from '../../http/kit/api-error.js';
import { deliverNotify } from '../use-cases/deliver.js';
import type { RouteDeps } from '../../http/kit/route.js';

type AcceptDeps = Pick<
  RouteDeps,
  'connection' | 'orders' | 'refunds' | 'now' | 'gateways' | 'notifyCounters' | 'metrics'
> & {
  readonly logRejection: RejectionLog;
  /** For the log line. */
  readonly about: (facts: Readonly<Record<string, string>>) => void;
};

/** `mchid`: whose keys prove it. */
export type NotifyAddress = { readonly mchid: Mchid; readonly path: NotifyPath };

/** Returns once the row is committed and its order or refund was told; else throws, and WeChat Pay repeats. */
export async function acceptNotify(deps: AcceptDeps, to: NotifyAddress, raw: RawNotify): Promise<void> {
  const startedAt = performance.now();
  const reader = deps.gateways.notifiesTo(to.mchid, to.path);
  if (reader === undefined) throw new ApiError('not_found', 'This merchant is not configured.');
  const parsed = await verify(deps, reader, to.mchid, raw);
  const row = await record(deps, to, raw, parsed);
  deps.about(namesOf(row));
  if (row.status === 'signalled' || row.status === 'duplicate') {
    deps.notifyCounters.count('repeated');
    return;
  }
  if (row.kind === 'other') {
    deps.notifyCounters.count(parsed.kind === 'other' && parsed.isUnread ? 'unreadable' : 'unsupported');
    return;
  }
  if ((await deliverNotify({ ...deps, db: deps.connection.db }, row)) === 'unmatched') {
    deps.notifyCounters.count('unmatched');
    throw new ApiError('order_not_found', 'No order has this outTradeNo.');
  }
  deps.notifyCounters.count('accepted');
  deps.metrics.notifySignalled(row.kind, performance.now() - startedAt);
}

function namesOf(row: InboxRow): Readonly<Record<string, string>> {
  const { id: inboxId, kind, eventType, outTradeNo, orderNo } = row;
  const refund = row.kind === 'refund' ? { outRefundNo: row.outRefundNo } : {};
  const trade = outTradeNo === null ? { eventType } : { outTradeNo };
  return { inboxId, kind, ...trade, ...refund, ...(orderNo === null ? {} : { orderNo }) };
}

async function verify(deps: AcceptDeps, reader: NotifyReader, mchid: Mchid, raw: RawNotify): Promise<ParsedNotify> {
  try {
    return await reader.parseNotify(raw);
  } catch (error) {
    if (!(error instanceof NotifyRejected)) throw error;
    deps.notifyCounters.count(error.code);
    deps.logRejection(mchid, error.code);
    throw new ApiError('unauthorized', 'The notify could not be verified.', { cause: error });
  }
}

function record(deps: AcceptDeps, to: NotifyAddress, raw: RawNotify, parsed: ParsedNotify): Promise<InboxRow> {
  const { body: rawBody, headers } = raw;
  return receiveNotify(deps.connection.db, {
    ...parsed,
    protocol: to.path === 'v3' ? 'v3' : 'v2',
    rawBody,
    headers,
    receivedAt: deps.now(),
  });
}

const INTERVAL_MS = 10_000;

type RejectionLog = (mchid: Mchid, reason: NotifyRejection) => void;

/** Anybody can send forged notifies: at most one line per merchant and reason in 10 s, which says how many it stands for. */
export function createRejectionLog(log: Pick<Logger, 'warn'>, now: () => Date): RejectionLog {
  const lines = new Map<string, { atMs: number; unlogged: number }>();
  return (mchid, reason) => {
    const key = `${mchid}/${reason}`;
    const last = lines.get(key);
    const atMs = now().getTime();
    if (last !== undefined && atMs - last.atMs < INTERVAL_MS) {
      last.unlogged += 1;
      return;
    }
    log.warn({ mchid, reason, unlogged: last?.unlogged ?? 0 }, 'notify rejected');
    lines.set(key, { atMs, unlogged: 0 });
  };
}
