import { constants, verify } from 'node:crypto';
import { z } from 'zod';
import type { Merchant, Merchants } from '../../identity/merchants.js';
import { failure, unsigned, type Answer } from './call.js';

interface SignedRequest {
  method: string;
  /** The path and query exactly as sent. */
  target: string;
  authorization: string | undefined;
  body: Buffer;
}

const scheme = 'WECHATPAY2-SHA256-RSA2048';
const toleranceSeconds = 300;

/** The merchant who signed this request, or the 401 of WeChat Pay, which checks the clock before the signature. */
export function authorize(request: SignedRequest, merchants: Merchants, nowMs: number): Merchant | Answer {
  const [givenScheme = '', ...rest] = (request.authorization ?? '').split(' ');
  const items = parseItems(rest.join(' '));
  if (givenScheme !== scheme || !items) return malformed(request, givenScheme);
  if (Math.abs(nowMs / 1000 - Number(items.timestamp)) > toleranceSeconds) {
    return signError('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟');
  }
  const merchant = merchants.find(items.mchid);
  if (!merchant) return signError('商户未申请过证书。');
  // Certificate parsers disagree about the case of the digits, so clients send both.
  if (items.serial_no.toUpperCase() !== merchant.row.serialNo) {
    return signError('商户证书序列号有误。请使用签名私钥匹配的证书序列号');
  }
  const head = `${request.method}\n${request.target}\n${items.timestamp}\n${items.nonce_str}\n`;
  const message = Buffer.concat([Buffer.from(head), request.body, Buffer.from('\n')]);
  return signatureFits(message, items.signature, merchant) ? merchant : wrongSignature(request, message);
}

const item = z.string().min(1);
const timestamp = z.string().regex(/^\d{1,12}$/);
const itemsSchema = z.object({ mchid: item, nonce_str: item, timestamp, serial_no: item, signature: item });

/** Five `key="value"` items in any order, each once. */
function parseItems(text: string): z.infer<typeof itemsSchema> | undefined {
  const found = new Map<string, string>();
  for (const part of text.split(',')) {
    const match = /^\s*(\w+)="([^"]*)"\s*$/.exec(part);
    if (!match?.[1] || found.has(match[1])) return undefined;
    found.set(match[1], match[2] ?? '');
  }
  return itemsSchema.safeParse(Object.fromEntries(found)).data;
}

function signatureFits(message: Buffer, signature: string, merchant: Merchant): boolean {
  const key = { key: merchant.requestKey, padding: constants.RSA_PKCS1_PADDING };
  return verify('sha256', message, key, Buffer.from(signature, 'base64'));
}

function malformed(request: SignedRequest, givenScheme: string): Answer {
  if (request.target.startsWith('/v3/pay/transactions/')) return signError('签名信息错误，验签失败');
  return signError(
    givenScheme === '' || givenScheme === scheme
      ? 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》'
      : 'HTTP头Authorization认证类型不正确',
  );
}

function wrongSignature(request: SignedRequest, message: Buffer): Answer {
  return signError('签名错误', {
    field: 'signature',
    location: 'authorization',
    detail: { issue: 'sign not match' },
    sign_information: {
      method: request.method,
      url: request.target,
      sign_message_length: message.length,
      truncated_sign_message: message.subarray(0, 64).toString('utf8'),
    },
  });
}

function signError(message: string, detail?: object): Answer {
  return unsigned(failure(401, 'SIGN_ERROR', message, 268443699, detail));
}
