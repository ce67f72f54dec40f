import { constants, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { merchantOf, type V3Merchant } from './merchant.js';

export const PUBLIC_KEY_ID = 'PUB_KEY_ID_0116000000000000000000000000000001';
export const API_V3_KEY = '0123456789abcdef0123456789abcdef';

const platform = generateKeyPairSync('rsa', { modulusLength: 2048 });
const own = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A request exactly as its bytes arrived. */
export type Seen = {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

export type Handler = (seen: Seen, response: ServerResponse) => void;

export type FakeWechatPay = {
  readonly url: string;
  readonly seen: Seen[];
  readonly merchant: V3Merchant;
  /** Answers every call from now on. */
  answer: Handler;
  close(): Promise<void>;
};

/** A bare HTTP server in WeChat Pay's place: the test writes each answer itself. */
export async function fakeWechatPay(): Promise<FakeWechatPay> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: target = '', headers } = request;
      const call = { method, target, headers, body: Buffer.concat(chunks) };
      seen.push(call);
      fake.answer(call, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeWechatPay = {
    url,
    seen,
    merchant: fakeMerchant(url),
    answer: (_, response) => response.writeHead(500).end(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

export function fakeMerchant(gatewayUrl: string): V3Merchant {
  const credentials = {
    mchid: '1900000001',
    appid: 'wx8888888888888888',
    serialNo: '408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB',
    privateKeyPem: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    apiV3Key: API_V3_KEY,
    publicKeyId: PUBLIC_KEY_ID,
    publicKeyPem: platform.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  return merchantOf(credentials, gatewayUrl, 'publicKey');
}

export type SignOptions = {
  readonly at?: Date;
  readonly serial?: string;
  readonly key?: KeyObject;
  readonly signature?: string;
};

/** What WeChat Pay would put beside this body. */
export function signatureHeaders(body: string, options: SignOptions = {}): Record<string, string> {
  const timestamp = String(Math.floor((options.at ?? new Date()).getTime() / 1_000));
  const nonce = randomBytes(16).toString('hex');
  const key = options.key ?? platform.privateKey;
  const signature = sign('sha256', Buffer.from(`${timestamp}\n${nonce}\n${body}\n`), {
    key,
    padding: constants.RSA_PKCS1_PADDING,
  });
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Signature': options.signature ?? signature.toString('base64'),
    'Wechatpay-Serial': options.serial ?? PUBLIC_KEY_ID,
  };
}

/** A signed success. */
export function signed(status: number, body: object | string, options?: SignOptions): Handler {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...signatureHeaders(text, options) }).end(text);
  };
}

/** An unsigned failure, as WeChat Pay answers them. */
export function failed(status: number, body: object | string, headers: Record<string, string> = {}): Handler {
  return (_, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Whether the Authorization, by the merchant's key unless another is given, covers exactly what arrived. */
export function isSignedRequest(seen: Seen, key: KeyObject = own.publicKey): boolean {
  const items = Object.fromEntries(
    [...(seen.headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  ) as Record<string, string>;
  const head = `${seen.method}\n${seen.target}\n${items['timestamp'] ?? ''}\n${items['nonce_str'] ?? ''}\n`;
  const message = Buffer.concat([Buffer.from(head), seen.body, Buffer.from('\n')]);
  return verify('sha256', message, key, Buffer.from(items['signature'] ?? '', 'base64'));
}
