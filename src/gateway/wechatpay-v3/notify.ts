import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { NotifyRejected, type ParsedNotify, type RawNotify } from '../port.js';
import { parseJson } from './error-answer.js';
import type { Keyring } from './keyring.js';
import { openResource, sealedResource, type SealedResource } from './resource.js';
import { isFresh, isSignedBy, readSignatureHeaders } from './signature.js';
import { paidTransaction } from './transaction.js';

const notifyEnvelope = z.object({
  id: z.string().min(1).max(64),
  event_type: z.string(),
  resource: sealedResource.extend({ original_type: z.string().optional() }),
});

/** WeChat Pay waits 5 s for the answer; a notify whose key comes later is sent again. */
const KEY_WAIT_MS = 3_000;

export type NotifyDeps = {
  readonly mchid: string;
  readonly keyring: Pick<Keyring, 'known' | 'find'>;
  readonly apiV3Key: KeyObject;
  readonly now: () => Date;
};

/** A payment notify: proven over the raw bytes, then opened, then read. Throws {@link NotifyRejected}. */
export async function parseNotify(deps: NotifyDeps, request: RawNotify): Promise<ParsedNotify> {
  const serialNo = await proveSender(deps, request);
  const envelope = notifyEnvelope.safeParse(parseJson(request.body));
  if (!envelope.success) throw new NotifyRejected('malformed');
  const { id, event_type: eventType, resource } = envelope.data;
  // Profit sharing and other products reuse both the address and the event's name.
  if (eventType !== 'TRANSACTION.SUCCESS' || resource.original_type !== 'transaction') {
    throw new NotifyRejected('unsupported');
  }
  const opened = paidTransaction.safeParse(parseJson(open(deps.apiV3Key, resource)));
  if (!opened.success) throw new NotifyRejected('malformed');
  const trade = opened.data;
  if (trade.mchid !== deps.mchid) throw new NotifyRejected('wrong_merchant');
  return {
    key: id,
    kind: 'payment',
    serialNo,
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
