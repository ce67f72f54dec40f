import { verify, type KeyObject } from 'node:crypto';

/** WeChat Pay's rule for answers and notifies alike: an older or newer timestamp is a replay, or a clock to repair. */
const TOLERANCE_SECONDS = 300;

type Headers = Readonly<Record<string, string | undefined>>;

export type SignatureHeaders = {
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  readonly serial: string;
};

/** `undefined` when one of the four is missing. Names in any case. */
export function readSignatureHeaders(headers: Headers): SignatureHeaders | undefined {
  const timestamp = header(headers, 'wechatpay-timestamp');
  const nonce = header(headers, 'wechatpay-nonce');
  const signature = header(headers, 'wechatpay-signature');
  const serial = header(headers, 'wechatpay-serial');
  return timestamp && nonce && signature && serial ? { timestamp, nonce, signature, serial } : undefined;
}

export function isFresh(timestamp: string, now: Date): boolean {
  if (!/^[0-9]{1,12}$/.test(timestamp)) return false;
  return Math.abs(Math.floor(now.getTime() / 1_000) - Number(timestamp)) < TOLERANCE_SECONDS;
}

/** An answer that is fresh and signed by the key that `keyOf` has for its serial. */
export async function isProven(
  { headers, body }: { readonly headers: Headers; readonly body: Uint8Array },
  now: Date,
  keyOf: (serial: string) => KeyObject | undefined | Promise<KeyObject | undefined>,
): Promise<boolean> {
  const signed = readSignatureHeaders(headers);
  if (signed === undefined || !isFresh(signed.timestamp, now)) return false;
  const key = await keyOf(signed.serial);
  return key !== undefined && isSignedBy(key, signed, body);
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over `timestamp\nnonce\nbody\n`, the body as the bytes that came. */
export function isSignedBy(key: KeyObject, headers: SignatureHeaders, body: Uint8Array): boolean {
  const message = Buffer.concat([Buffer.from(`${headers.timestamp}\n${headers.nonce}\n`), body, Buffer.from('\n')]);
  return verify('sha256', message, key, Buffer.from(headers.signature, 'base64'));
}

/** A header by its lower-case name, however the sender or the server wrote it. */
function header(headers: Headers, name: string): string | undefined {
  if (headers[name] !== undefined) return headers[name];
  const found = Object.keys(headers).find((key) => key.toLowerCase() === name);
  return found === undefined ? undefined : headers[found];
}
