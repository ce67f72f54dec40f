import { createDecipheriv, createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { Mchid } from '../../base/ids.js';
import { maybeText, token } from '../fields.js';
import { NotifyRejected, type ParsedNotify, type ProvenNotify, type RawNotify } from '../port.js';
import { refundStatusOf } from './refund.js';
import { isSigned } from './signature.js';
import { paidTrade } from './trade.js';
import { readXml, type Fields } from './xml.js';

/** What proves a notify of API v2: a merchant has one key, whose name tells nothing of it. */
export const V2_KEY = 'v2';

type NotifyDeps = { readonly mchid: Mchid; readonly key: KeyObject };

/**
 * Proves a payment by its sign, and opens a refund with the key. Throws {@link NotifyRejected} for one that is forged, or about
 * another merchant's payment or refund; any other content is of kind `other`.
 */
export function parseNotify(deps: NotifyDeps, { body }: Pick<RawNotify, 'body'>): ParsedNotify {
  const fields = fieldsOf(body);
  if (!isRefund(fields) && !isSigned(fields, deps.key)) throw new NotifyRejected('bad_signature');
  return read(deps, fields);
}

export const readNotify = (deps: NotifyDeps, { body }: Pick<ProvenNotify, 'body'>): ParsedNotify =>
  read(deps, fieldsOf(body));

function fieldsOf(body: Uint8Array): Fields {
  const fields = readXml(body);
  if (fields === undefined) throw new NotifyRejected('malformed');
  return fields;
}

const isRefund = (fields: Fields): boolean => fields['req_info'] !== undefined;

function read({ mchid, key }: NotifyDeps, fields: Fields): ParsedNotify {
  if (fields['mch_id'] !== mchid) throw new NotifyRejected('wrong_merchant');
  const said = isRefund(fields) ? refundOf(fields, key) : paymentOf(fields);
  return { mchid, serialNo: V2_KEY, ...said };
}

type Said = DistributiveOmit<ParsedNotify, 'mchid' | 'serialNo'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** API v2 has no word for what happened: it is called as in v3. */
function paymentOf(fields: Fields): Said {
  const isPaid = fields['return_code'] === 'SUCCESS' && fields['result_code'] === 'SUCCESS';
  const paid = isPaid ? paidTrade.safeParse(fields).data : undefined;
  const eventType = isPaid ? 'TRANSACTION.SUCCESS' : 'TRANSACTION.FAIL';
  if (paid === undefined) return { ...otherOf(fields, 'transaction'), eventType, isUnread: isPaid };
  const { outTradeNo, trade } = paid;
  return { kind: 'payment', key: trade.transactionId, eventType, outTradeNo, evidence: trade };
}

const notifiedRefund = z.object({
  out_trade_no: token(32),
  out_refund_no: token(64),
  refund_id: token(32),
  refund_status: token(16),
});

/** Nothing but the key proves it, and a block of another notify fits into it: the reason to query, no more. */
function refundOf(fields: Fields, key: KeyObject): Said {
  const plain = openRefund(key, fields['req_info'] ?? '');
  const refund = notifiedRefund.safeParse(plain).data;
  if (refund === undefined) return { ...otherOf(plain, 'refund'), eventType: 'REFUND', isUnread: true };
  const status = refundStatusOf(refund.refund_status);
  const seen = `${refund.refund_id}:${refund.refund_status}`;
  const head = { key: seen, eventType: `REFUND.${refund.refund_status}` };
  if (status === undefined) return { ...otherOf(plain, 'refund'), ...head, isUnread: true };
  return {
    ...head,
    kind: 'refund',
    outTradeNo: refund.out_trade_no,
    outRefundNo: refund.out_refund_no,
    evidence: { refundId: refund.refund_id, status },
  };
}

const numbered = z.object({ out_trade_no: maybeText(64) });

/** What names nothing to know it by is known by all that it says. */
const otherOf = (fields: Fields, originalType: string) =>
  ({
    kind: 'other',
    key: createHash('sha256').update(JSON.stringify(fields)).digest('hex'),
    outTradeNo: numbered.parse(fields).out_trade_no,
    evidence: { originalType },
  }) as const;

/** AES-256-ECB; the key is the MD5 of the merchant's own, as its 32 hexadecimal digits are written. */
function openRefund(key: KeyObject, sealed: string): Fields {
  const fields = readXml(decrypted(createHash('md5').update(key.export()).digest('hex'), sealed), 'root');
  if (fields === undefined) throw new NotifyRejected('undecryptable');
  return fields;
}

function decrypted(key: string, sealed: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-ecb', key, null);
    return Buffer.concat([decipher.update(sealed, 'base64'), decipher.final()]);
  } catch {
    throw new NotifyRejected('undecryptable');
  }
}
