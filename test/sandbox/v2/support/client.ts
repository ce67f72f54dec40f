import { createHash, createHmac, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Sandbox } from '../../../../src/sandbox/start.js';
import type { Credentials } from '../../support/client.js';

export type Fields = Record<string, string>;

export interface ReplyV2 {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  /** Of the answer, when it is XML. */
  fields: Fields;
}

export interface OverridesV2 {
  method?: string;
  /** In place of the fields, signed or not. */
  body?: string | Buffer;
  key?: string;
  sign?: string;
  /** Whose certificate is shown on the TLS port; null: none, and over the plain port nobody's is asked for. */
  certificateOf?: Pick<Credentials, 'certificatePem' | 'privateKeyPem'> | null;
  url?: string;
  signal?: AbortSignal;
}

const needCertificate = ['/secapi/pay/refund', '/secapi/pay/reverse', '/pay/downloadfundflow'];

/** A request signed by this test's own code; `overrides` breaks one thing. */
export function callV2(
  sandbox: Sandbox,
  merchant: Credentials,
  path: string,
  given: Record<string, string | undefined>,
  overrides: OverridesV2 = {},
): Promise<ReplyV2> {
  const nonce_str = randomBytes(8).toString('hex');
  const fields = defined({ appid: merchant.appid, mch_id: merchant.mchid, nonce_str, ...given });
  const type = fields['sign_type'] === 'HMAC-SHA256' ? 'HMAC-SHA256' : 'MD5';
  const sign = overrides.sign ?? signV2(fields, overrides.key ?? merchant.apiV2Key, type);
  const isSecure = needCertificate.includes(path) && overrides.url === undefined;
  const shown = overrides.certificateOf === undefined ? merchant : overrides.certificateOf;
  const certificate = shown === null ? {} : { cert: shown.certificatePem, key: shown.privateKeyPem };
  const tls = isSecure ? { ca: merchant.secapiCaPem, ...certificate } : {};
  const body = overrides.body ?? xmlOf({ ...fields, sign });
  return postV2(overrides.url ?? (isSecure ? merchant.secapiUrl : sandbox.url), path, body, {
    method: overrides.method ?? 'POST',
    ...tls,
    ...(overrides.signal ? { signal: overrides.signal } : {}),
  });
}

export function postV2(url: string, path: string, body: string | Buffer, options: RequestOptions): Promise<ReplyV2> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      url,
      { path, agent: false, headers: { 'Content-Type': 'text/xml' }, ...options },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString();
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            bytes,
            text,
            fields: text.startsWith('<xml>') ? fieldsOf(text) : {},
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Written as the protocol says, apart from the sandbox's own. */
export function signV2(fields: Fields, key: string, type: 'MD5' | 'HMAC-SHA256'): string {
  const names = Object.keys(fields).filter((name) => name !== 'sign' && fields[name] !== '');
  const text = [...names.sort().map((name) => `${name}=${fields[name] ?? ''}`), `key=${key}`].join('&');
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  return hash.update(text).digest('hex').toUpperCase();
}

/** Whether the message is signed with this key, by the type that its length tells. */
export const isSignedV2 = (fields: Fields, key: string): boolean =>
  signV2(fields, key, fields['sign']?.length === 64 ? 'HMAC-SHA256' : 'MD5') === fields['sign'];

export function xmlOf(fields: Fields): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<xml>${Object.entries(fields)
    .map(([name, value]) => `<${name}>${escaped(value)}</${name}>`)
    .join('')}</xml>`;
}

export function fieldsOf(xml: string): Fields {
  const elements = xml.matchAll(/<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))<\/\1>/gs);
  return Object.fromEntries([...elements].map(([, name = '', cdata, plain]) => [name, cdata ?? plain ?? '']));
}

function defined(fields: Record<string, string | undefined>): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
