import axios, {
  type AxiosInstance,
  type AxiosRequestConfig,
  type CreateAxiosDefaults,
  type InternalAxiosRequestConfig,
} from 'axios';
import { Decorator } from 'wechatpay-axios-plugin';
import type { Outward, Within } from '../outward/outward.js';
import type { WechatPayV3Credentials } from './credentials.js';

const MAX_ANSWER_BYTES = 1024 * 1024;

export type V3Request = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  /** Of the key that sealed fields of the body; it signs the answer, too. */
  readonly serial?: string | undefined;
};

/** Not verified, whatever its status. Header names are lower case, the body is the bytes as they came. */
export type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
};

/** Signs and sends, for each domain anew. Rejects when no complete answer came back. */
export type Transport = (request: V3Request, within: Within) => Promise<RawAnswer>;

/** The plugin's request signer, without its answer verifier: a rotated certificate is found only after the answer is there. */
export function createTransport(credentials: WechatPayV3Credentials, outward: Outward): Transport {
  const client = signingClient(credentials, {
    ...outward.agents(),
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: 'arraybuffer',
    transformResponse: [],
  });

  return async ({ method, path: url, body, serial }, within) => {
    const headers = serial === undefined ? {} : { headers: { 'Wechatpay-Serial': serial } };
    const sent = { method, url, ...headers, ...(body === undefined ? {} : exactBody(body)) };
    const answer = await outward.call(credentials.gatewayUrls, within, (baseURL, options) =>
      client.request<Buffer>({ ...sent, baseURL, ...options }),
    );
    return { status: answer.status, headers: headersOf(answer.headers), body: answer.data };
  };
}

/** Signs all that it sends, to the address that was signed alone, and takes whatever status comes back. */
export function signingClient(credentials: WechatPayV3Credentials, options: CreateAxiosDefaults): AxiosInstance {
  const { requestSerial } = credentials;
  const client = axios.create({
    ...options,
    headers: { ...Decorator.defaults.headers, ...(requestSerial && { 'Wechatpay-Serial': requestSerial }) },
    maxRedirects: 0,
    // The environment has one reader, and it is not this client.
    proxy: false,
    validateStatus: null,
  });
  client.interceptors.request.use(signerOf(credentials));
  return client;
}

type Signer = (config: InternalAxiosRequestConfig) => InternalAxiosRequestConfig;

/** The signer reads the key from a copy of the request's configuration, so that no error object carries it. */
function signerOf({ mchid, serialNo: serial, privateKey }: WechatPayV3Credentials): Signer {
  const sign = Decorator.requestInterceptor() as Signer;
  const identity = { mchid, serial, privateKey };
  return (config) => {
    const signed = sign({ ...config, ...identity });
    config.headers = signed.headers;
    return config;
  };
}

/** The signer signs `JSON.stringify(data)`, but the text is sent: one that `JSON.stringify` did not write must not leave. */
function exactBody(body: string): AxiosRequestConfig {
  const data: unknown = JSON.parse(body);
  if (JSON.stringify(data) !== body) throw new Error('a request body must be exactly what JSON.stringify writes');
  return { data, transformRequest: [() => body] };
}

export function headersOf(headers: object): RawAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : undefined]),
  );
}

/** `*` is legal in a path, yet some servers and proxies rewrite it, and the signature covers the path. */
export function pathSegment(value: string): string {
  return encodeURIComponent(value).replaceAll('*', '%2A');
}
