import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { GatewayError } from '../port.js';
import type { WechatPayV2Credentials } from './credentials.js';
import { MAX_XML_BYTES, writeXml, type Fields } from './xml.js';

/** An older idle connection is not used again: the other side may be closing it just now. */
const IDLE_SOCKET_MS = 30_000;
const MAX_SOCKETS = 32;

/** `fields` are signed already. */
export type V2Request = { readonly path: string; readonly fields: Fields };

/** Not verified, whatever its status. The body is the bytes as they came. */
export type RawAnswer<Body = Buffer> = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** What a file says of itself. */
  readonly digest: string | undefined;
  readonly body: Body;
};

/** Rejects when no complete answer came back, or, of a file, no beginning of one. */
export type Transport = {
  readonly post: (request: V2Request, signal: AbortSignal) => Promise<RawAnswer>;
  readonly open: (request: V2Request, signal: AbortSignal) => Promise<RawAnswer<Readable>>;
};

/** Shows the merchant's certificate where WeChat Pay wants to see it. */
export function createTransport(credentials: WechatPayV2Credentials): Transport {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS };
  const { certificate: cert, secapiCa: ca } = credentials;
  const key = credentials.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const shown = { ...agent, cert, key, ...(ca === undefined ? {} : { ca }) };
  const httpAgent = new HttpAgent(agent);
  const open = clientOf({ baseURL: credentials.gatewayUrl, httpAgent, httpsAgent: new HttpsAgent(agent) });
  const secured = clientOf({ baseURL: credentials.secapiUrl, httpAgent, httpsAgent: new HttpsAgent(shown) });

  const send = async <Body>(
    { path, fields }: V2Request,
    signal: AbortSignal,
    as: Pick<CreateAxiosDefaults, 'responseType' | 'decompress' | 'maxContentLength'>,
  ): Promise<RawAnswer<Body>> => {
    const client = isSecured(path) ? secured : open;
    const answer = await client.post<Body>(path, writeXml(fields), { signal, ...as }).catch(untrusted);
    const { status, data: body } = answer;
    const header = (name: string): string | undefined => {
      const value: unknown = answer.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    return { status, retryAfter: header('retry-after'), digest: header('digest'), body };
  };
  return {
    post: (request, signal) =>
      send<Buffer>(request, signal, { responseType: 'arraybuffer', maxContentLength: MAX_XML_BYTES }),
    open: (request, signal) => send<Readable>(request, signal, { responseType: 'stream', decompress: false }),
  };
}

const isSecured = (path: string): boolean => path.startsWith('/secapi/') || path === '/pay/downloadfundflow';

const clientOf = (options: CreateAxiosDefaults): AxiosInstance =>
  axios.create({
    ...options,
    headers: { 'Content-Type': 'text/xml; charset=utf-8', 'User-Agent': 'paysaga', 'Accept-Encoding': 'identity' },
    maxRedirects: 0,
    // The environment has one reader, and it is not this client.
    proxy: false,
    transformRequest: [(body: string) => body],
    transformResponse: [],
    validateStatus: null,
  });

/** The server shows a certificate that nobody vouches for, or of another name: it was asked nothing. */
const UNTRUSTED = /^(UNABLE_TO_(VERIFY|GET)_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/;

function untrusted(error: unknown): never {
  if (!axios.isAxiosError(error) || !UNTRUSTED.test(error.code ?? '')) throw error;
  throw new GatewayError('merchant_config', { gatewayCode: 'SERVER_NOT_TRUSTED', cause: new Error(error.code) });
}
