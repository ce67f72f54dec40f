import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { Decorator } from 'wechatpay-axios-plugin';
import type { WechatPayV3Credentials } from './credentials.js';

/** Answers of these calls are a few kilobytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;
/** An idle connection older than this is not used again: the other side may be closing it just now. */
const IDLE_SOCKET_MS = 30_000;
const MAX_SOCKETS = 32;

export type V3Request = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: string };

/** Any HTTP answer, whatever its status; not verified. Header names are lower case, the body is the bytes as they came. */
export type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
};

/** Signs and sends. Rejects when no complete answer came back. */
export type Transport = (request: V3Request, signal: AbortSignal) => Promise<RawAnswer>;

/**
 * One keep-alive HTTP client over the plugin's request signer. Its answer verifier is left out: keys must be found
 * after the answer is there (a rotated certificate), and over the bytes as they came.
 */
export function createTransport(credentials: WechatPayV3Credentials): Transport {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS };
  const client = axios.create({
    baseURL: credentials.gatewayUrl,
    headers: { ...Decorator.defaults.headers, ...serialHeader(credentials) },
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    maxContentLength: MAX_ANSWER_BYTES,
    maxRedirects: 0,
    // The environment's proxy settings are not this client's business: configuration has one reader.
    proxy: false,
    responseType: 'arraybuffer',
    transformResponse: [],
    validateStatus: null,
  });
  client.interceptors.request.use(signerOf(credentials));

  return async (request, signal) => {
    const answer = await client.request<Buffer>({
      method: request.method,
      url: request.path,
      signal,
      ...(request.body === undefined ? {} : exactBody(request.body)),
    });
    return { status: answer.status, headers: headersOf(answer.headers), body: answer.data };
  };
}

type Signer = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;

/** The signer reads the merchant from the request's configuration; it is put there last, so that no error object carries the key. */
function signerOf(credentials: WechatPayV3Credentials): Signer {
  const sign = Decorator.requestInterceptor() as Signer;
  const identity = { mchid: credentials.mchid, serial: credentials.serialNo, privateKey: credentials.privateKey };
  return (config) => {
    const signed = sign({ ...config, ...identity });
    config.headers = signed.headers;
    return config;
  };
}

/**
 * The signer signs `JSON.stringify(data)`; what is sent is the text itself. The two are the same for any text that
 * `JSON.stringify` made, and a text that it did not make must not be sent under a signature of something else.
 */
function exactBody(body: string): AxiosRequestConfig {
  const data: unknown = JSON.parse(body);
  if (JSON.stringify(data) !== body) throw new Error('a request body must be exactly what JSON.stringify writes');
  return { data, transformRequest: [() => body] };
}

function serialHeader(credentials: WechatPayV3Credentials): Record<string, string> {
  return credentials.requestSerial === undefined ? {} : { 'Wechatpay-Serial': credentials.requestSerial };
}

function headersOf(headers: object): RawAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : undefined]),
  );
}

/** Written once as it is sent and signed: `*` is legal in a path, yet some servers and proxies rewrite it. */
export function pathSegment(value: string): string {
  return encodeURIComponent(value).replaceAll('*', '%2A');
}
