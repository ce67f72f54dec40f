import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { NotifyRejected, type ParsedNotify, type RawNotify } from '../port.js';
import { parseJson } from './error-answer.js';
import type { Keyring } from './keyring.js';
import { refundStatusOf } from './refund-fact.js';
import { openResource, sealedResource, type SealedResource } from './resource.js';
import { isFresh, isSignedBy, readSignatureHeaders } from './signature.js';
import { token } from './text.js';
import { paidTransaction } from './transaction.js';

const notifyEnvelope = z.object({
  id: token(64),
  event_type: z.string(),
  resource: sealedResource.extend({ original_type: z.string().optional() }),
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

export type NotifyDeps = {
  readonly mchid: string;
  readonly keyring: Pick<Keyring, 'known' | 'find'>;
  readonly apiV3Key: KeyObject;
  readonly now: () => Date;
};

/** A notify about a payment or a refund: proven over the raw bytes, then opened, then read. Throws {@link NotifyRejected}. */
export async function parseNotify(deps: NotifyDeps, request: RawNotify): Promise<ParsedNotify> {
  const serialNo = await proveSender(deps, request);
  const envelope = notifyEnvelope.safeParse(parseJson(request.body));
  if (!envelope.success) throw new NotifyRejected('malformed');
  const { id: key, event_type: eventType, resource } = envelope.data;
  const read = readerOf(eventType, resource.original_type);
  return read(parseJson(open(deps.apiV3Key, resource)), deps.mchid, { key, serialNo });
}

type Envelope = Pick<ParsedNotify, 'key' | 'serialNo'>;
type Reader = (plain: unknown, mchid: string, envelope: Envelope) => ParsedNotify;

/** Profit sharing and other products reuse both the address and the event's name; the type of what was sealed tells them apart. */
function readerOf(eventType: string, originalType: string | undefined): Reader {
  if (eventType === 'TRANSACTION.SUCCESS' && originalType === 'transaction') return paymentOf;
  if (REFUND_EVENTS.has(eventType) && originalType === 'refund') return refundOf;
  throw new NotifyRejected('unsupported');
}

function paymentOf(plain: unknown, mchid: string, envelope: Envelope): ParsedNotify {
  const trade = ownOf(paidTransaction.safeParse(plain).data, mchid);
  return {
    ...envelope,
    kind: 'payment',
    outTradeNo: trade.out_trade_no,
    evidence: {
      transactionId: trade.transaction_id,
      mchid: trade.mchid,
      appid: trade.appid,
      tradeType: trade.trade_type,
      totalFen: trade.amount.total,
      currency: trade.amount.currency,
    },
  };
}

function refundOf(plain: unknown, mchid: string, envelope: Envelope): ParsedNotify {
  const refund = ownOf(notifiedRefund.safeParse(plain).data, mchid);
  const status = refundStatusOf(refund.refund_status);
  if (status === undefined) throw new NotifyRejected('malformed');
  return {
    ...envelope,
    kind: 'refund',
    outTradeNo: refund.out_trade_no,
    outRefundNo: refund.out_refund_no,
    evidence: { refundId: refund.refund_id, status },
  };
}

function ownOf<T extends { mchid: string }>(read: T | undefined, mchid: string): T {
  if (read === undefined) throw new NotifyRejected('malformed');
  if (read.mchid !== mchid) throw new NotifyRejected('wrong_merchant');
  return read;
}

/** The serial of the key that signed it. */
async function proveSender(deps: NotifyDeps, request: RawNotify): Promise<string> {
  const signed = readSignatureHeaders(request.headers);
  if (signed === undefined) throw new NotifyRejected('missing_header');
  if (!isFresh(signed.timestamp, deps.now())) throw new NotifyRejected('stale');
  const key = deps.keyring.known(signed.serial) ?? (await findKey(deps, signed.serial));
  if (key === undefined) throw new NotifyRejected('unknown_serial');
  if (!isSignedBy(key, signed, request.body)) throw new NotifyRejected('bad_signature');
  return signed.serial;
}

function findKey(deps: NotifyDeps, serial: string): Promise<KeyObject | undefined> {
  return deps.keyring.find(serial, AbortSignal.timeout(KEY_WAIT_MS));
}

function open(key: KeyObject, resource: SealedResource): string {
  try {
    return openResource(key, resource);
  } catch {
    throw new NotifyRejected('undecryptable');
  }
}
