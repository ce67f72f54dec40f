import { createDecipheriv, createVerify, randomBytes, sign } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import type { Sandbox } from '../../../src/sandbox/start.js';

export interface Credentials {
  mchid: string;
  protocol: 'v3' | 'v2';
  appid: string;
  serialNo: string;
  privateKeyPem: string;
  certificatePem: string;
  apiV3Key: string;
  apiV2Key: string;
  publicKeyId: string;
  publicKeyPem: string;
  platformSerialNo: string;
  platformCertificatePem: string;
  secapiUrl: string;
  secapiCaPem: string;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  text: string;
  json: Json;
}

export type Json = Record<string, unknown>;

export interface Overrides {
  headers?: Record<string, string | undefined>;
  timestamp?: number;
  scheme?: string;
  mchid?: string;
  serialNo?: string;
  signedTarget?: string;
  privateKeyPem?: string;
  /** Gives the call up; default after 10 minutes. */
  signal?: AbortSignal;
}

/** A request signed by this test's own code; `overrides` breaks one thing. */
export function call(
  sandbox: Sandbox,
  merchant: Credentials,
  method: string,
  target: string,
  body?: unknown,
  overrides: Overrides = {},
): Promise<Reply> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'User-Agent': 'sandbox-test',
    Accept: 'application/json',
    ...(text === '' ? {} : { 'Content-Type': 'application/json' }),
    Authorization: authorization(merchant, method, target, text, overrides),
    ...overrides.headers,
  };
  return exchange(sandbox.url, method, target, text, defined(headers), overrides.signal);
}

export function authorization(
  merchant: Credentials,
  method: string,
  target: string,
  body: string,
  overrides: Overrides = {},
): string {
  const timestamp = overrides.timestamp ?? Math.floor(Date.now() / 1000);
  const nonce = randomBytes(16).toString('hex');
  const message = [method, overrides.signedTarget ?? target, timestamp, nonce, body, ''].join('\n');
  const signature = sign('RSA-SHA256', Buffer.from(message), overrides.privateKeyPem ?? merchant.privateKeyPem);
  return `${overrides.scheme ?? 'WECHATPAY2-SHA256-RSA2048'} ${[
    `signature="${signature.toString('base64')}"`,
    `mchid="${overrides.mchid ?? merchant.mchid}"`,
    `timestamp="${timestamp}"`,
    `nonce_str="${nonce}"`,
    `serial_no="${overrides.serialNo ?? merchant.serialNo}"`,
  ].join(',')}`;
}

export function exchange(
  url: string,
  method: string,
  target: string,
  body: string,
  headers: Record<string, string>,
  signal = AbortSignal.timeout(600_000),
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, path: target, headers, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as Json) : {};
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          rawHeaders: incoming.rawHeaders,
          text,
          json,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A control call; throws unless it is answered with 2xx. */
export async function control<T = Json>(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<T> {
  const reply = await tryControl(sandbox, method, path, body);
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`);
  return reply.json as T;
}

export function tryControl(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<Reply> {
  const text = body === undefined ? '' : JSON.stringify(body);
  return exchange(sandbox.url, method, `/sandbox${path}`, text, { 'Content-Type': 'application/json' });
}

export function merchantOf(sandbox: Sandbox, mchid?: string): Promise<Credentials> {
  return control<Credentials>(sandbox, 'GET', mchid === undefined ? '/merchant' : `/merchant?mchid=${mchid}`);
}

/** Whether the four headers sign the body under this key. */
export function verified(headers: IncomingHttpHeaders, body: string, keyPem: string): boolean {
  const message = `${header(headers, 'wechatpay-timestamp')}\n${header(headers, 'wechatpay-nonce')}\n${body}\n`;
  return createVerify('RSA-SHA256').update(message).verify(keyPem, header(headers, 'wechatpay-signature'), 'base64');
}

export function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

export function open(resource: Json, apiV3Key: string): Json {
  const bytes = Buffer.from(String(resource['ciphertext']), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', apiV3Key, String(resource['nonce']));
  decipher.setAuthTag(bytes.subarray(-16)).setAAD(Buffer.from(String(resource['associated_data'])));
  const plaintext = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString();
  return plaintext.startsWith('{') ? (JSON.parse(plaintext) as Json) : { pem: plaintext };
}

function defined(headers: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
