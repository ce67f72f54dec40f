import type { Readable } from 'node:stream';
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import type { Outward, Within } from '../outward/outward.js';
import { GatewayError } from '../port.js';
import type { WechatPayV2Credentials } from './credentials.js';
import { MAX_XML_BYTES, writeXml, type Fields } from './xml.js';

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
  readonly post: (request: V2Request, within: Within) => Promise<RawAnswer>;
  readonly open: (request: V2Request, within: Within) => Promise<RawAnswer<Readable>>;
};

/** Shows the merchant's certificate where WeChat Pay wants to see it. */
export function createTransport(credentials: WechatPayV2Credentials, outward: Outward): Transport {
  const { certificate: cert, secapiCa: ca, gatewayUrls, secapiUrls } = credentials;
  const key = credentials.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const open = clientOf(outward.agents());
  const secured = clientOf(outward.agents({ cert, key, ...(ca === undefined ? {} : { ca }) }));

  const send = async <Body>(
    { path, fields }: V2Request,
    within: Within,
    as: Pick<CreateAxiosDefaults, 'responseType' | 'decompress' | 'maxContentLength'>,
  ): Promise<RawAnswer<Body>> => {
    const shows = isSecured(path);
    const [client, domains] = shows ? [secured, secapiUrls] : [open, gatewayUrls];
    const text = writeXml(fields);
    const answer = await outward.call(domains, within, (baseURL, options) =>
      client.post<Body>(path, text, { baseURL, ...options, ...as }).catch((error: unknown) => {
        throw refusedHandshake(error, shows) ?? error;
      }),
    );
    const { status, data: body } = answer;
    const header = (name: string): string | undefined => {
      const value: unknown = answer.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    return { status, retryAfter: header('retry-after'), digest: header('digest'), body };
  };
  return {
    post: (request, within) =>
      send<Buffer>(request, within, { responseType: 'arraybuffer', maxContentLength: MAX_XML_BYTES }),
    open: (request, within) => send<Readable>(request, within, { responseType: 'stream', decompress: false }),
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

/** A handshake in which one side did not take the other's certificate: the call was not done, and will not be until a person acts. */
function refusedHandshake(error: unknown, showsCertificate: boolean): GatewayError | undefined {
  if (!axios.isAxiosError(error)) return undefined;
  const alert = showsCertificate ? alertOf(error.message) : undefined;
  const gatewayCode = isUntrusted(error.code ?? '') ? 'SERVER_NOT_TRUSTED' : REFUSALS.get(alert);
  if (gatewayCode === undefined) return undefined;
  return new GatewayError('merchant_config', { gatewayCode, cause: new Error(error.code) });
}

/** The server shows a certificate that nobody vouches for, or of another name. */
export const isUntrusted = (code: string): boolean =>
  /^(UNABLE_TO_(VERIFY|GET)_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_)/.test(code);

/** OpenSSL's number of an error of its TLS half, whose last three digits are a reason. */
const TLS_ERROR = /\berror:0A000([\dA-F]{3}):/;
/** The reasons from here on are the alerts that the other side sent. */
const FIRST_ALERT_REASON = 1_000;

function alertOf(message: string): number | undefined {
  const reason = TLS_ERROR.exec(message)?.[1];
  return reason === undefined ? undefined : parseInt(reason, 16) - FIRST_ALERT_REASON;
}

/** What a server says by an alert (RFC 8446, section 6.2) of the certificate that it was shown. */
const REFUSALS: ReadonlyMap<number | undefined, string> = new Map([
  // handshake_failure: in TLS 1.2 of a certificate that is missed, but of unsuitable ciphers too
  [40, 'HANDSHAKE_REFUSED'],
  // bad, unsupported, revoked, expired, unknown; unknown_ca, access_denied, certificate_required
  ...[42, 43, 44, 45, 46, 48, 49, 116].map((alert) => [alert, 'CERTIFICATE_REFUSED'] as const),
]);
