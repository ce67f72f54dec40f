import type { components } from './generated/openapi.js';

/** The body of a delivery; `type` tells what `data` holds. */
export type WebhookEvent = components['schemas']['WebhookEvent'];

/** `id` is the event's, the same for every delivery of it: what was dealt with once is answered 2xx and forgotten. */
export type VerifiedEvent = WebhookEvent & { readonly id: string };

/** Says nothing of why: answer 401, and let whoever forges learn nothing. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';

  constructor() {
    super('The webhook could not be verified');
  }
}

type HeaderBag =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

const TOLERANCE_SECONDS = 300;
/** Of one delivery; each is a signature to compute. */
const MAX_SIGNATURES = 10;

/**
 * The event of a delivery that was signed by one of the secrets at most 5 minutes ago. `rawBody` is the body as it came, byte for
 * byte. Throws WebhookError, or TypeError for a secret that is none.
 */
export async function verifyWebhook(
  rawBody: string | Uint8Array,
  headers: HeaderBag,
  secrets: string | readonly string[],
  { now = () => Date.now() }: { readonly now?: () => number } = {},
): Promise<VerifiedEvent> {
  const keys = await Promise.all([secrets].flat().map(keyOf));
  const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  );
  if (id === undefined || timestamp === undefined || signature === undefined) throw new WebhookError();
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : NaN;
  if (!(Math.abs(now() / 1_000 - seconds) <= TOLERANCE_SECONDS)) throw new WebhookError();
  const body = typeof rawBody === 'string' ? new TextEncoder().encode(rawBody) : rawBody;
  const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), body);
  const given = signature.split(' ').slice(0, MAX_SIGNATURES).flatMap(signatureOf);
  // WebCrypto compares in constant time; every pair is tried whatever the others say.
  const fits = await Promise.all(
    keys.flatMap((key) => given.map((bytes) => crypto.subtle.verify('HMAC', key, bytes, signed))),
  );
  if (!fits.includes(true)) throw new WebhookError();
  return { ...eventOf(new TextDecoder().decode(body)), id };
}

/** Whoever holds the secret wrote it, by the document's schema. */
const eventOf: (text: string) => WebhookEvent = JSON.parse;

function headerOf(headers: HeaderBag, name: string): string | undefined {
  const value = isHeaders(headers) ? headers.get(name) : headers[name];
  return typeof value === 'string' ? value : undefined;
}

const isHeaders = (headers: HeaderBag): headers is { get(name: string): string | null } =>
  typeof headers.get === 'function';

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;

function keyOf(secret: string) {
  const bytes = bytesOf(secret.replace(/^whsec_/, ''));
  if (bytes === undefined || bytes.length === 0) throw new TypeError('A webhook secret is whsec_ and base64');
  return crypto.subtle.importKey('raw', bytes, HMAC, false, ['verify']);
}

function signatureOf(part: string): Uint8Array<ArrayBuffer>[] {
  const bytes = part.startsWith('v1,') ? bytesOf(part.slice(3)) : undefined;
  return bytes === undefined ? [] : [bytes];
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function joined(head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}
