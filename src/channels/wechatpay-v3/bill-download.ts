import { addAbortSignal, type Readable } from 'node:stream';
import { beginningOf, bytesOf, FILE_BOUNDS, openedWithin } from '../bill-file/arriving.js';
import { bounded, unreadable } from '../flow/call.js';
import { GatewayError, type Gateway } from '../port.js';
import type { Outward, Within } from '../outward/outward.js';
import { isWechatPay } from '../safe-url.js';
import type { WechatPayV3Credentials } from './credentials.js';
import { exchange, type ExchangeDeps } from './exchange.js';
import { headersOf, signingClient, type RawAnswer } from './transport.js';

/** The one answer that WeChat Pay does not sign: it is proven by the hash in the signed answer that named its address. */
export function createBillDownload(
  deps: ExchangeDeps,
  credentials: WechatPayV3Credentials,
  outward: Outward,
  bounds = FILE_BOUNDS,
): Gateway['downloadBill'] {
  const open = createOpener(credentials, outward);
  const isAuthentic = (): Promise<boolean> => Promise.resolve(true);
  return async ({ url, isZipped }, options) => {
    if (!isOfWechatPay(url, credentials.gatewayUrls))
      throw new GatewayError('merchant_config', { gatewayCode: 'BILL_ON_ANOTHER_HOST' });
    let file: Readable | undefined;
    const transport = async ({ path }: { path: string }, within: Within): Promise<RawAnswer> => {
      const opened = await open(path, within);
      file = opened.file;
      return opened.answer;
    };
    const call = { api: 'billFile', method: 'GET', path: url } as const;
    const answer = await exchange({ ...deps, transport, isAuthentic }, call, bounded(options));
    if (answer.kind === 'definitive') return { kind: answer.meaning };
    if (file === undefined) throw unreadable(answer.status);
    if (options.signal !== undefined) addAbortSignal(options.signal, file);
    return { kind: 'bytes', bytes: bytesOf(file, isZipped, bounds) };
  };
}

/** Nobody else gets a signature of the merchant's. */
function isOfWechatPay(url: string, gatewayUrls: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return originsOf(gatewayUrls).includes(origin) || isWechatPay(url);
}

/** The domain that the address names, then the gateway's others: all serve the same files, and the signature covers the path alone. */
function domainsOf(url: string, gatewayUrls: readonly string[]): readonly string[] {
  const { origin } = new URL(url);
  const origins = originsOf(gatewayUrls);
  return origins.includes(origin) ? [...new Set([origin, ...origins])] : [origin];
}

const originsOf = (urls: readonly string[]): readonly string[] => urls.map((url) => new URL(url).origin);

type Opened = { readonly answer: RawAnswer; readonly file: Readable | undefined };

/** Signs and sends. `file`: what a 200 brings, from its first byte on; any other answer is read here. */
function createOpener(credentials: WechatPayV3Credentials, outward: Outward) {
  const client = signingClient(credentials, { ...outward.agents(), decompress: false, responseType: 'stream' });
  // A file is zipped only where it was asked for zipped.
  const headers = { 'Accept-Encoding': 'identity' };

  return (url: string, within: Within): Promise<Opened> =>
    openedWithin(within, async (opening) => {
      const { pathname, search } = new URL(url);
      const answer = await outward.call(domainsOf(url, credentials.gatewayUrls), opening, (domain, options) =>
        client.get<Readable>(`${domain}${pathname}${search}`, { headers, ...options }),
      );
      const { status, headers: said, data } = answer;
      const file = status === 200 ? data : undefined;
      const body = file === undefined ? await beginningOf(data) : Buffer.alloc(0);
      return { answer: { status, headers: headersOf(said), body }, file };
    });
}
