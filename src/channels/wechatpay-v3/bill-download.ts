import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GatewayError, type Gateway } from '../port.js';
import type { WechatPayV3Credentials } from './credentials.js';
import { bounded, exchange, unreadable, type ExchangeDeps } from './exchange.js';
import { headersOf, signingClient, type RawAnswer } from './transport.js';

type Bounds = { readonly idleMs: number; readonly maxBytes: number };

/** Without a byte for half a minute a file is given up. Unzipped it is at most ten times one of a million lines. */
const BOUNDS: Bounds = { idleMs: 30_000, maxBytes: 4 * 1024 ** 3 };

/** The one answer that WeChat Pay does not sign: it is proven by the hash in the signed answer that named its address. */
export function createBillDownload(
  deps: ExchangeDeps,
  credentials: WechatPayV3Credentials,
  bounds = BOUNDS,
): Gateway['downloadBill'] {
  const open = createOpener(credentials);
  const isAuthentic = (): Promise<boolean> => Promise.resolve(true);
  return async ({ url, isZipped }, options) => {
    if (!isOfWechatPay(url, credentials.gatewayUrl)) throw failed('merchant_config', 'BILL_ON_ANOTHER_HOST');
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

/** Beside the usual one those that WeChat Pay's own clients turn to when it cannot be reached. */
const WECHAT_PAY: readonly string[] = ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com', 'api2.wechatpay.cn'];

/** Nobody else gets a signature of the merchant's. */
function isOfWechatPay(url: string, gatewayUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, protocol, host, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  return origin === new URL(gatewayUrl).origin || (protocol === 'https:' && WECHAT_PAY.includes(host));
}

type Opened = { readonly answer: RawAnswer; readonly file: Readable | undefined };

/** Signs and sends. `file`: what a 200 brings, from its first byte on; any other answer is read here. */
function createOpener(credentials: WechatPayV3Credentials) {
  const client = signingClient(credentials, { decompress: false, responseType: 'stream' });
  // A file is zipped only where it was asked for zipped.
  const headers = { 'Accept-Encoding': 'identity' };

  return async (url: string, signal: AbortSignal): Promise<Opened> => {
    // The time that the answer may take is not that of the file.
    const opening = new AbortController();
    const giveUp = (): void => opening.abort();
    signal.addEventListener('abort', giveUp);
    try {
      const { status, headers: said, data } = await client.get<Readable>(url, { headers, signal: opening.signal });
      const file = status === 200 ? data : undefined;
      const body = file === undefined ? await beginningOf(data) : Buffer.alloc(0);
      return { answer: { status, headers: headersOf(said), body }, file };
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  };
}

const MAX_ERROR_BYTES = 64 * 1024;

/** What came of an answer that may break off. */
async function beginningOf(data: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of data) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_ERROR_BYTES) break;
    }
    return Buffer.concat(chunks);
  } catch {
    return Buffer.concat(chunks);
  }
}

async function* bytesOf(file: Readable, isZipped: boolean, bounds: Bounds): AsyncGenerator<Uint8Array> {
  const arriving = arrivingOf(file, bounds.idleMs);
  const bytes: AsyncIterable<Buffer> = isZipped ? pipeline(arriving, createGunzip(), () => undefined) : arriving;
  let size = 0;
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > bounds.maxBytes) throw failed('unknown', 'BILL_TOO_LARGE');
      yield chunk;
    }
  } catch (error) {
    throw error instanceof GatewayError ? error : brokenOff(error);
  }
}

/** The reader may take its time; the other side may not. */
async function* arrivingOf(
  file: AsyncIterable<Buffer> & Pick<Readable, 'destroy'>,
  idleMs: number,
): AsyncGenerator<Buffer> {
  const giveUp = (): void => void file.destroy(failed('unknown', 'BILL_STALLED'));
  let timer = setTimeout(giveUp, idleMs);
  try {
    for await (const chunk of file) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(giveUp, idleMs);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever left by the signal knows why. */
function brokenOff(error: unknown): GatewayError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
  const cause = new Error(`the file broke off: ${code}`);
  if (code === 'ABORT_ERR') return new GatewayError('unknown', { cause });
  return failed('unknown', code === 'Z_DATA_ERROR' ? 'BILL_NOT_ZIPPED' : 'BILL_CUT_OFF', cause);
}

const failed = (code: GatewayError['code'], gatewayCode: string, cause?: Error): GatewayError =>
  new GatewayError(code, { gatewayCode, cause });
