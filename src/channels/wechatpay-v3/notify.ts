import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Mchid } from '../../base/ids.js';
import { NotifyRejected, type ParsedNotify, type ProvenNotify, type RawNotify } from '../port.js';
import { parseJson } from '../../base/parse-json.js';
import type { Keyring } from './keyring.js';
import { refundStatusOf } from './refund.js';
import { openResource, sealedResource, type SealedResource } from './resource.js';
import { isFresh, isSignedBy, readSignatureHeaders } from './signature.js';
import { maybeText, text, token } from '../fields.js';
import { paidTransaction } from './payment.js';

const notifyEnvelope = z.object({
  id: token(64),
  event_type: text(64),
  resource: sealedResource.extend({ original_type: maybeText(64) }),
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
  return readNotify(deps, { body: request.body, serialNo: await proveSender(deps, request) });
}

export function readNotify(
  { mchid, apiV3Key }: Pick<NotifyDeps, 'mchid' | 'apiV3Key'>,
  { body, serialNo }: ProvenNotify,
): ParsedNotify {
  const envelope = notifyEnvelope.safeParse(parseJson(body));
  if (!envelope.success) throw new NotifyRejected('malformed');
  const { id: key, event_type: eventType, resource } = envelope.data;
  const plain = parseJson(open(apiV3Key, resource));
  const head = { key, mchid, serialNo, eventType };
  const reader = readerOf(eventType, resource.original_type);
  return { ...head, ...(reader?.(plain, mchid) ?? otherOf(plain, resource.original_type, reader !== undefined)) };
}

type Said = DistributiveOmit<ParsedNotify, 'key' | 'mchid' | 'serialNo' | 'eventType'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Reader = (plain: unknown, mchid: string) => Said | undefined;

/** Other products reuse the address, the event's name and even the type, and some name no type: the sealed content decides. */
function readerOf(eventType: string, originalType: string | null): Reader | undefined {
  if (eventType === 'TRANSACTION.SUCCESS' && (originalType ?? 'transaction') === 'transaction') return paymentOf;
  return REFUND_EVENTS.has(eventType) && (originalType ?? 'refund') === 'refund' ? refundOf : undefined;
}

function paymentOf(plain: unknown, mchid: string): Said | undefined {
  const paid = paidTransaction.safeParse(plain).data;
  if (paid === undefined) return undefined;
  requireOwn(paid.trade, mchid);
  return { kind: 'payment', outTradeNo: paid.outTradeNo, evidence: paid.trade };
}

function refundOf(plain: unknown, mchid: string): Said | undefined {
  const refund = notifiedRefund.safeParse(plain).data;
  const status = refund && refundStatusOf(refund.refund_status);
  if (refund === undefined || status === undefined) return undefined;
  requireOwn(refund, mchid);
  return {
    kind: 'refund',
    outTradeNo: refund.out_trade_no,
    outRefundNo: refund.out_refund_no,
    evidence: { refundId: refund.refund_id, status },
  };
}

function requireOwn(read: { readonly mchid: string }, mchid: string): void {
  if (read.mchid !== mchid) throw new NotifyRejected('wrong_merchant');
}

const numbered = z.object({ out_trade_no: maybeText(64) });

/** Announced as a payment too, and told apart by a number that payments and refunds do not have. */
const profitSharing = z.object({ out_order_no: z.string() });

function otherOf(plain: unknown, originalType: string | null, isAnnounced: boolean): Said {
  const outTradeNo = numbered.safeParse(plain).data?.out_trade_no ?? null;
  const isUnread = isAnnounced && !profitSharing.safeParse(plain).success;
  return { kind: 'other', outTradeNo, evidence: { originalType }, isUnread };
}

async function proveSender(deps: NotifyDeps, request: RawNotify): Promise<string> {
  const signed = readSignatureHeaders(request.headers);
  if (signed === undefined) throw new NotifyRejected('missing_header');
  if (!isFresh(signed.timestamp, deps.now())) throw new NotifyRejected('stale');
  const { keyring } = deps;
  const key = keyring.known(signed.serial) ?? (await keyring.find(signed.serial, AbortSignal.timeout(KEY_WAIT_MS)));
  if (key === undefined) throw new NotifyRejected('unknown_serial');
  if (!isSignedBy(key, signed, request.body)) throw new NotifyRejected('bad_signature');
  return signed.serial;
}

function open(key: KeyObject, resource: SealedResource): string {
  try {
    return openResource(key, resource);
  } catch {
    throw new NotifyRejected('undecryptable');
  }
}
