import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Mchid } from '../../base/ids.js';
import { NotifyRejected, type ParsedNotify, type ProvenNotify, type RawNotify } from '../port.js';
import { parseJson } from '../../base/parse-json.js';
import type { Keyring } from './keyring.js';
import { refundStatusOf } from './refund.js';
import { openResource, sealedResource, type SealedResource } from './resource.js';
import { isFresh, isSignedBy, readSignatureHeaders } from './signature.js';
import { cleaned, maybeText, textOrNull, token } from '../fields.js';
import { readPaid } from './payment.js';

/** Flat, and its texts cleaned afterwards: this is read for every notify. */
const notifyEnvelope = z.object({
  id: token(64),
  event_type: z.string(),
  resource: sealedResource.extend({ original_type: z.unknown().optional() }),
});

const REFUND_EVENTS: ReadonlySet<string> = new Set(['REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED']);

/** Here the status has another name than in the answers to calls. */
const notifiedRefund = z.object({
  mchid: token(32),
  out_trade_no: token(32),
  out_refund_no: token(64),
  refund_id: token(32),
  refund_status: z.string(),
});

/** WeChat Pay waits 5 s for the answer; a notify whose key comes later is sent again. */
const KEY_WAIT_MS = 3_000;

type NotifyDeps = {
  readonly mchid: Mchid;
  readonly keyring: Pick<Keyring, 'known' | 'find'>;
  readonly apiV3Key: KeyObject;
  readonly now: () => Date;
};

/**
 * Proves over the raw bytes, opens, reads. Throws {@link NotifyRejected} for a notify that is forged, sealed for somebody else, or
 * about another merchant's payment or refund; any other content is of kind `other`.
 */
export async function parseNotify(deps: NotifyDeps, request: RawNotify): Promise<ParsedNotify> {
  const signed = readSignatureHeaders(request.headers);
  if (signed === undefined) throw new NotifyRejected('missing_header');
  const { serial: serialNo, timestamp } = signed;
  if (!isFresh(timestamp, deps.now())) throw new NotifyRejected('stale');
  const { keyring } = deps;
  // Without a turn of the event loop where the key is known.
  const key = keyring.known(serialNo) ?? (await keyring.find(serialNo, AbortSignal.timeout(KEY_WAIT_MS)));
  if (key === undefined) throw new NotifyRejected('unknown_serial');
  if (!isSignedBy(key, signed, request.body)) throw new NotifyRejected('bad_signature');
  return readNotify(deps, { body: request.body, serialNo });
}

export function readNotify(
  { mchid, apiV3Key }: Pick<NotifyDeps, 'mchid' | 'apiV3Key'>,
  { body, serialNo }: ProvenNotify,
): ParsedNotify {
  const envelope = notifyEnvelope.safeParse(parseJson(body));
  if (!envelope.success) throw new NotifyRejected('malformed');
  const { id: key, event_type: eventType, resource } = envelope.data;
  const plain = parseJson(open(apiV3Key, resource));
  const head = { key, mchid, serialNo, eventType: cleaned(eventType, 64) };
  const originalType = textOrNull(resource.original_type, 64);
  const reader = readerOf(head.eventType, originalType);
  return reader?.(plain, head) ?? otherOf(plain, head, { originalType, isAnnounced: reader !== undefined });
}

type Head = Pick<ParsedNotify, 'key' | 'mchid' | 'serialNo' | 'eventType'>;
type Reader = (plain: unknown, head: Head) => ParsedNotify | undefined;

/** Other products reuse the address, the event's name and even the type, and some name no type: the sealed content decides. */
function readerOf(eventType: string, originalType: string | null): Reader | undefined {
  if (eventType === 'TRANSACTION.SUCCESS' && (originalType ?? 'transaction') === 'transaction') return paymentOf;
  return REFUND_EVENTS.has(eventType) && (originalType ?? 'refund') === 'refund' ? refundOf : undefined;
}

function paymentOf(plain: unknown, head: Head): ParsedNotify | undefined {
  const paid = readPaid(plain);
  if (paid === undefined) return undefined;
  requireOwn(paid.trade, head);
  return { ...head, kind: 'payment', outTradeNo: paid.outTradeNo, evidence: paid.trade };
}

function refundOf(plain: unknown, head: Head): ParsedNotify | undefined {
  const refund = notifiedRefund.safeParse(plain).data;
  const status = refund && refundStatusOf(refund.refund_status);
  if (refund === undefined || status === undefined) return undefined;
  requireOwn(refund, head);
  return {
    ...head,
    kind: 'refund',
    outTradeNo: refund.out_trade_no,
    outRefundNo: refund.out_refund_no,
    evidence: { refundId: refund.refund_id, status },
  };
}

function requireOwn(read: { readonly mchid: string }, head: Head): void {
  if (read.mchid !== head.mchid) throw new NotifyRejected('wrong_merchant');
}

const numbered = z.object({ out_trade_no: maybeText(64) });

/** Announced as a payment too, and told apart by a number that payments and refunds do not have. */
const profitSharing = z.object({ out_order_no: z.string() });

type Unread = { readonly originalType: string | null; readonly isAnnounced: boolean };

function otherOf(plain: unknown, head: Head, { originalType, isAnnounced }: Unread): ParsedNotify {
  const outTradeNo = numbered.safeParse(plain).data?.out_trade_no ?? null;
  const isUnread = isAnnounced && !profitSharing.safeParse(plain).success;
  return { ...head, kind: 'other', outTradeNo, evidence: { originalType }, isUnread };
}

function open(key: KeyObject, resource: SealedResource): string {
  try {
    return openResource(key, resource);
  } catch {
    throw new NotifyRejected('undecryptable');
  }
}
