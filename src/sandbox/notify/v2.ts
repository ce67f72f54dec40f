import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../fault/fault.js';
import type { Merchant } from '../identity/merchants.js';
import { signatureOf } from '../wire/v2/sign.js';
import { parseXml, writeXml } from '../wire/v2/xml.js';
import type { Notify } from './notify.js';
import type { Message } from './post.js';

/**
 * The notify as API v2 sends it: XML, signed of a payment; of a refund nothing is signed, and all is hidden in its `req_info`.
 * The answer's body decides, whatever its status.
 */
export function v2Message(
  notify: Notify,
  v2: NonNullable<Notify['v2']>,
  { row }: Merchant,
  fault: Fault | undefined,
): Message {
  const said = fieldsSchema.parse(JSON.parse(notify.plaintext));
  const isPayment = notify.eventType === 'TRANSACTION.SUCCESS';
  const fields = fault?.kind === 'wrongAmount' ? withAmount(said, isPayment, fault.totalFen) : said;
  // Where nothing is signed, what nobody can decrypt is all that is left of a forgery.
  const isForged = fault?.kind === 'wrongKey' || fault?.kind === 'badSignature';
  const key = isForged ? randomBytes(16).toString('hex') : row.apiV2Key;
  const head = { return_code: 'SUCCESS', return_msg: 'OK', appid: v2.appid, mch_id: row.mchid, nonce_str: nonce() };
  const message = new Map(
    Object.entries(isPayment ? { ...head, ...fields } : { ...head, req_info: hidden(fields, key) }),
  );
  if (isPayment) {
    message.set('result_code', 'SUCCESS');
    // Some notifies name the type of their signature: it is signed like any other field.
    if (v2.signType !== 'MD5') message.set('sign_type', v2.signType);
    message.set('sign', signatureOf(message, key, v2.signType));
  }
  return { headers: { 'Content-Type': 'text/xml' }, body: writeXml(message, 'xml'), isAccepted };
}

const isAccepted = (_status: number, answer: string): boolean =>
  parseXml(answer, 'xml')?.get('return_code') === 'SUCCESS';

const nonce = (): string => randomBytes(16).toString('hex');

const fieldsSchema = z.record(z.string(), z.string());
type Fields = z.infer<typeof fieldsSchema>;

/** AES-256-ECB under the 32 characters of the key's MD5. */
function hidden(fields: Fields, key: string): string {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(key).digest('hex'), null);
  const plaintext = writeXml(new Map(Object.entries(fields)), 'root');
  return Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]).toString('base64');
}

/** The same message with another amount (of a refund, the refunded one); default one fen more. */
function withAmount(fields: Fields, isPayment: boolean, amountFen: number | undefined): Fields {
  const [name, payers] = isPayment ? ['total_fee', 'cash_fee'] : ['refund_fee', 'cash_refund_fee'];
  const [real, realPayers] = [Number(fields[name]), Number(fields[payers])];
  const shown = amountFen ?? real + 1;
  return { ...fields, [name]: String(shown), [payers]: String(Math.max(0, shown - real + realPayers)) };
}
