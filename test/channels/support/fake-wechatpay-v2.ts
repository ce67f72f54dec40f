import { createCipheriv, createHash, createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Merchant } from '../../../src/channels/merchant.js';
import type { Gateway, NotifyReader } from '../../../src/channels/port.js';
import type { WechatPayV2Credentials } from '../../../src/channels/wechatpay-v2/credentials.js';
import {
  createV2Client,
  createWechatPayV2Gateway,
  type V2ClientDeps,
} from '../../../src/channels/wechatpay-v2/gateway.js';
import { signKey } from '../../../src/channels/wechatpay-v2/signature.js';
import { DEFAULT_POLICY } from '../../../src/orders/rules/policy.js';
import { NO_FOREIGN } from '../../../src/reconciliation/rules/foreign.js';
import { issueCertificate } from '../../../src/sandbox/identity/certificate.js';
import { mchid } from './values.js';

export const API_V2_KEY = 'fedcba9876543210fedcba9876543210';

type Fields = Readonly<Record<string, string>>;
type Pair = { readonly privateKeyPem: string; readonly certificatePem: string };

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const authority = newKey();
const issued = (commonName: string, key = newKey(), isAuthority = false, hosts: string[] = []): Pair => ({
  privateKeyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  certificatePem: issueCertificate({
    subject: { commonName, organization: 'a test', unit: 'a test' },
    publicKeyPem: key.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    issuer: { commonName: 'a test CA', organization: 'a test', unit: 'a test' },
    issuerPrivateKeyPem: authority.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    authority: isAuthority,
    ...(hosts.length === 0 ? {} : { hosts }),
  }).pem,
});

export const CA = issued('a test CA', authority, true);
export const OWN = issued('1900000001');
const SERVER = issued('localhost', newKey(), false, ['localhost', 'secapi.test']);

/** A request exactly as its bytes arrived. `shown`: the name in the certificate that came with it. */
export type SeenV2 = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly fields: Fields;
  readonly shown: string | undefined;
};

export type V2Handler = (seen: SeenV2, response: ServerResponse) => void;

export type FakeWechatPayV2 = {
  readonly url: string;
  /** TLS; asks for a certificate, and takes none of a stranger. */
  readonly secapiUrl: string;
  readonly seen: SeenV2[];
  readonly merchant: V2Merchant;
  /** Answers every call from now on. */
  answer: V2Handler;
  close(): Promise<void>;
};

export type V2Merchant = Merchant<WechatPayV2Credentials>;

/** Two bare servers in WeChat Pay's place: the test writes each answer itself. */
export async function fakeWechatPayV2(): Promise<FakeWechatPayV2> {
  const seen: SeenV2[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const shown = request.socket instanceof TLSSocket ? nameIn(request.socket) : undefined;
      const call = { path: request.url ?? '', headers: request.headers, body, fields: fieldsIn(body), shown };
      seen.push(call);
      fake.answer(call, response);
    });
  };
  const open = createHttp(listener).listen(0, 'localhost');
  const tls = { key: SERVER.privateKeyPem, cert: SERVER.certificatePem, ca: CA.certificatePem };
  const secured = createHttps({ ...tls, requestCert: true, rejectUnauthorized: true }, listener).listen(0, 'localhost');
  await Promise.all([once(open, 'listening'), once(secured, 'listening')]);
  const [url, secapiUrl] = [`http://localhost:${portOf(open)}`, `https://localhost:${portOf(secured)}`];
  const fake: FakeWechatPayV2 = {
    url,
    secapiUrl,
    seen,
    merchant: fakeV2Merchant({ gatewayUrls: [url], secapiUrls: [secapiUrl] }),
    answer: (_, response) => response.writeHead(500).end(),
    close: async () => {
      for (const server of [open, secured]) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all([once(open, 'close'), once(secured, 'close')]);
    },
  };
  return fake;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function nameIn(socket: TLSSocket): string | undefined {
  const { subject } = socket.getPeerCertificate();
  return [subject.CN].flat()[0];
}

/** Of what PaySaga writes: every value without markup, or in CDATA. */
const fieldsIn = (body: string): Fields =>
  Object.fromEntries(
    [...body.matchAll(/<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))<\/\1>/gs)].map(([, name = '', raw, plain]) => [
      name,
      raw ?? plain ?? '',
    ]),
  );

export function fakeV2Merchant(changes: Partial<WechatPayV2Credentials> = {}): V2Merchant {
  const appids = ['wx8888888888888888'];
  const gatewayUrls = changes.gatewayUrls ?? ['https://api.mch.weixin.qq.com'];
  return {
    mchid: mchid('1900000001'),
    appids: { native: appids, jsapi: appids, h5: appids },
    policy: DEFAULT_POLICY,
    foreign: NO_FOREIGN,
    credentials: {
      protocol: 'v2',
      mchid: mchid('1900000001'),
      apiV2Key: signKey(API_V2_KEY),
      signType: 'HMAC-SHA256',
      certificate: OWN.certificatePem,
      privateKey: createPrivateKey(OWN.privateKeyPem),
      gatewayUrls,
      secapiUrls: gatewayUrls,
      secapiCa: CA.certificatePem,
      limits: {},
      ...changes,
    },
  };
}

/** A gateway over a client of its own, and the notifies that come to it. */
export function v2GatewayOf(merchant: V2Merchant, deps: Partial<V2ClientDeps> = {}): Gateway & NotifyReader {
  const client = createV2Client(merchant.credentials, {
    now: () => new Date(),
    notifyUrl: (of) => `https://pay.example.com/notify/wechatpay/v2/1900000001/${of}`,
    workers: 1,
    ...deps,
  });
  return { ...createWechatPayV2Gateway(merchant, client), parseNotify: (request) => client.parseNotify(request) };
}

/** The rule of the signature in other words than PaySaga's. */
export function signOf(fields: Fields, key = API_V2_KEY, type: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256'): string {
  const names = Object.keys(fields).filter((name) => name !== 'sign' && fields[name] !== '');
  const text = [...names.sort().map((name) => `${name}=${fields[name] ?? ''}`), `key=${key}`].join('&');
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', key);
  return hash.update(text).digest('hex').toUpperCase();
}

export const isSignedV2 = ({ fields }: SeenV2, key = API_V2_KEY): boolean =>
  fields['sign'] === signOf(fields, key, fields['sign_type'] === 'MD5' ? 'MD5' : 'HMAC-SHA256');

export const xmlOf = (fields: Fields, root = 'xml'): string =>
  `<${root}>\n${Object.entries(fields)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>\n`)
    .join('')}</${root}>`;

const HEAD = {
  return_code: 'SUCCESS',
  return_msg: 'OK',
  appid: 'wx8888888888888888',
  mch_id: '1900000001',
  nonce_str: 'IITRi8Iabbblz1Jc',
};

/** The fields of an answer or notify, with its sign. */
export const withSign = (fields: Fields, ...how: [key?: string, type?: 'MD5' | 'HMAC-SHA256']): Fields => {
  const all = { ...HEAD, ...fields };
  return { ...all, sign: signOf(all, ...how) };
};

/** A signed success. */
export const signedV2 = (fields: Fields, ...how: [key?: string, type?: 'MD5' | 'HMAC-SHA256']): V2Handler =>
  sentV2(xmlOf(withSign({ result_code: 'SUCCESS', ...fields }, ...how)));

/** A signed refusal. */
export const refusedV2 = (code: string, message = ''): V2Handler =>
  sentV2(xmlOf(withSign({ result_code: 'FAIL', err_code: code, err_code_des: message })));

/** HTTP 200 whatever it says, as WeChat Pay does. */
export const sentV2 =
  (
    body: string | Uint8Array,
    status = 200,
    headers: Record<string, string> = { 'Content-Type': 'text/plain' },
  ): V2Handler =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** `req_info` as WeChat Pay seals it. */
export function sealV2(plain: string, key = API_V2_KEY): string {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(key).digest('hex'), null);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
}
