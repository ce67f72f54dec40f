import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Merchant, Merchants } from '../../identity/merchants.js';
import { unknownCaller, type Answer, type Call, type Operation } from './call.js';
import { isSignedWith, signTypeSchema } from './sign.js';
import { parseXml, type Fields } from './xml.js';

type Known = Omit<Call, 'origin'>;

/** Every parameter of a call together is far below it. */
const maxBytes = 65_536;

/** The call of the merchant who signed it, or the answer to somebody unknown. */
export function authenticate(
  incoming: IncomingMessage,
  body: Buffer,
  { needsCertificate = false, refuseUnknown = unknownCaller }: Operation,
  merchants: Merchants,
): Known | Answer {
  if (incoming.method !== 'POST') return refuseUnknown('请使用post方法');
  const certificate = needsCertificate ? clientCertificate(incoming) : undefined;
  if (needsCertificate && !certificate) return noCertificate;
  if (body.length === 0) return refuseUnknown('post数据为空');
  const fields = readFields(body);
  if (typeof fields === 'string') return refuseUnknown(fields);
  const merchant = merchants.find(fields.get('mch_id') ?? '');
  if (!merchant) return refuseUnknown(fields.has('mch_id') ? 'MCHID不存在' : '缺少参数mch_id');
  if (certificate && !merchant.certificate.raw.equals(certificate)) return refuseUnknown('证书与商户号不匹配');
  return signedBy(merchant, fields) ?? refuseUnknown('签名错误');
}

function readFields(body: Buffer): Fields | string {
  if (body.length > maxBytes) return 'XML格式错误';
  const text = decode(body);
  if (text === undefined) return '编码格式错误，请使用UTF-8';
  const fields = parseXml(text, 'xml');
  return fields ? new Map([...fields].filter(([, value]) => value !== '')) : 'XML格式错误';
}

function decode(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** The type is the one that the request names, MD5 without any; a signature of another type does not fit. */
function signedBy(merchant: Merchant, fields: Fields): Known | undefined {
  const type = signTypeSchema.safeParse(fields.get('sign_type') ?? 'MD5');
  const fits = type.success && isSignedWith(fields, merchant.row.apiV2Key, type.data);
  return fits ? { merchant, fields, signType: type.data } : undefined;
}

/** The certificate that the caller proved to hold, if this sandbox issued it. */
function clientCertificate({ socket }: IncomingMessage): Buffer | undefined {
  return socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().raw : undefined;
}

/** WeChat Pay's web server refuses such a call before the gateway sees it. */
const noCertificate: Answer = {
  status: 400,
  raw: {
    text:
      '<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n<body>\r\n' +
      '<center><h1>400 Bad Request</h1></center>\r\n<center>No required SSL certificate was sent</center>\r\n</body>\r\n</html>\r\n',
    contentType: 'text/html',
  },
  signed: false,
};
