import type { KeyObject } from 'node:crypto';
import type { GatewayApi, GatewayRefusal } from '../../orders/rules/gateway-answer.js';
import { MAX_GATEWAY_WAIT_MS, parseRetryAfter } from '../../base/outside-time.js';
import { refusalText } from '../fields.js';
import type { Judged } from '../flow/call.js';
import { meaningOf } from './failure-map.js';
import { isSigned } from './signature.js';
import type { RawAnswer } from './transport.js';
import { readXml, type Fields } from './xml.js';

export type Proven = { readonly kind: 'success'; readonly fields: Fields };

/** A document that says of itself that it is WeChat Pay's, without the proof. */
type Unproven = { readonly kind: 'unproven' };

type Reader = { readonly key: KeyObject; readonly mchid: string; readonly now: () => Date };

/**
 * What an answer says, layer by layer: HTTP, `return_code` (the document was taken), the sign, `result_code` (the call was done).
 * Whatever comes without a sign leaves open what became of the money.
 */
export function readAnswer<Api extends GatewayApi>(
  api: Api,
  answer: RawAnswer,
  { key, mchid, now }: Reader,
): Proven | Judged<Api> | Unproven {
  if (answer.status !== 200) return judgedByStatus(answer, now());
  const fields = readXml(answer.body);
  if (fields === undefined) return judged('unknown', refusalOf(answer.status, null, ''));
  if (fields['return_code'] !== 'SUCCESS') return judgedByWords(fields);
  const isOurs = isSigned(fields, key) && (fields['mch_id'] ?? mchid) === mchid;
  if (!isOurs) return isSignError(fields) ? judgedByWords(fields) : { kind: 'unproven' };
  if (fields['result_code'] === 'SUCCESS') return { kind: 'success', fields };
  const code = codeOf(fields['err_code']);
  const message = fields['err_code_des'] ?? '';
  const meaning = code === null ? 'unknown' : meaningOf(api, { code, message });
  return judged(meaning, refusalOf(200, code, message));
}

/** Without a sign, so of no weight but for what a person must repair. */
export function judgedByWords(fields: Fields): Judged<never> {
  const message = fields['return_msg'] ?? '';
  if (isSignError(fields)) return judged('merchant_config', refusalOf(200, 'SIGNERROR', message));
  if (message.includes('证书')) return judged('merchant_config', refusalOf(200, 'CERT_ERROR', message));
  if (isMismatch(message)) return judged('merchant_config', refusalOf(200, 'APPID_MCHID_NOT_MATCH', message));
  return judged('unknown', refusalOf(200, null, message));
}

/** Of bills too, which write `SIGN ERROR`. */
const isSignError = (fields: Fields): boolean =>
  /签名(错误|失败)|sign[_ ]?error/i.test(`${fields['return_msg'] ?? ''} ${fields['err_code'] ?? ''}`);

const isMismatch = (message: string): boolean =>
  /appid|mch_?id|商户号/i.test(message) && /不存在|不匹配|not (match|exist)/i.test(message);

/** Any answer but 200 is not this gateway's own. The one of the server before it tells that it saw no certificate it takes. */
export function judgedByStatus({ status, body, retryAfter }: Omit<RawAnswer, 'digest'>, now: Date): Judged<never> {
  const retryAfterMs = parseRetryAfter(retryAfter, now, MAX_GATEWAY_WAIT_MS);
  if (status === 429) return { ...judged('rate_limited', refusalOf(status, null, '')), retryAfterMs };
  if (status === 400 && body.includes('SSL certificate'))
    return judged('merchant_config', refusalOf(status, 'CERTIFICATE_REFUSED', ''));
  return { ...judged('unknown', refusalOf(status, null, '')), retryAfterMs };
}

export const codeOf = (text: string | undefined): string | null =>
  text !== undefined && /^[\w ]{1,64}$/.test(text) ? text : null;

export const refusalOf = (status: number, code: string | null, message: string): GatewayRefusal => ({
  status,
  code,
  message: refusalText(message, 256),
  detail: null,
});

export const judged = <Api extends GatewayApi>(
  meaning: Judged<Api>['meaning'],
  refusal: GatewayRefusal,
): Judged<Api> => ({ kind: 'error', meaning, refusal, retryAfterMs: null });
