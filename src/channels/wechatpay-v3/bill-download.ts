import { addAbortSignal, type Readable } from 'node:stream';
import { beginningOf, bytesOf, FILE_BOUNDS, openedWithin } from '../bill-file/arriving.js';
import { bounded, unreadable } from '../flow/call.js';
import { GatewayError, type Gateway } from '../port.js';
import { isWechatPay } from '../safe-url.js';
import type { WechatPayV3Credentials } from './credentials.js';
import { exchange, type ExchangeDeps } from './exchange.js';
import { headersOf, signingClient, type RawAnswer } from './transport.js';

/** The one answer that WeChat Pay does not sign: it is proven by the hash in the signed answer that named its address. */
export function createBillDownload(
  deps: ExchangeDeps,
  credentials: WechatPayV3Credentials,
  bounds = FILE_BOUNDS,
): Gateway['downloadBill'] {
  const open = createOpener(credentials);
  const isAuthentic = (): Promise<boolean> => Promise.resolve(true);
  return async ({ url, isZipped }, options) => {
    if (!isOfWechatPay(url, credentials.gatewayUrl))
      throw new GatewayError('merchant_config', { gatewayCode: 'BILL_ON_ANOTHER_HOST' });
    let file: Readable | undefined;
    const transport = async ({ path }: { path: string }, signal: AbortSignal): Promise<RawAnswer> => {
      const opened = await open(path, signal);
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
function isOfWechatPay(url: string, gatewayUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return origin === new URL(gatewayUrl).origin || isWechatPay(url);
}

type Opened = { readonly answer: RawAnswer; readonly file: Readable | undefined };

/** Signs and sends. `file`: what a 200 brings, from its first byte on; any other answer is read here. */
function createOpener(credentials: WechatPayV3Credentials) {
  const client = signingClient(credentials, { decompress: false, responseType: 'stream' });
  // A file is zipped only where it was asked for zipped.
  const headers = { 'Accept-Encoding': 'identity' };

  return (url: string, signal: AbortSignal): Promise<Opened> =>
    openedWithin(signal, async (opening) => {
      const { status, headers: said, data } = await client.get<Readable>(url, { headers, signal: opening });
      const file = status === 200 ? data : undefined;
      const body = file === undefined ? await beginningOf(data) : Buffer.alloc(0);
      return { answer: { status, headers: headersOf(said), body }, file };
    });
}
