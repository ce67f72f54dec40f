import { createHmac, hkdfSync, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';

/** Twelve hours from signing in, whatever is done meanwhile: one long shift. */
export const SESSION_SECONDS = 12 * 3600;

/** Which key signed in and until when; nothing in it is secret, and only this installation can write one. */
export type Session = { readonly keyId: string; readonly expiresAt: Date; readonly token: string };

export type Sessions = {
  open(keyId: string, now: Date): Session;
  /** `undefined` for a token that is forged, altered or over. */
  read(token: string, now: Date): Session | undefined;
  /** What the session's own forms carry; another session's, or the session's own cookie, does not fit. */
  csrfToken(session: Session): string;
  isCsrfToken(session: Session, presented: string): boolean;
};

const MAC_BYTES = 32;

/** `<expiry seconds>.<key id>.<nonce>`: two sessions of one key never share a token. */
const PAYLOAD = /^([0-9]{1,12})\.([0-9a-f-]{36})\.([0-9A-Za-z_-]{22})$/;

/** Keys of its own for cookies and for forms, so that neither can stand for the other nor for a checkout link. */
export function createSessions(secret: KeyObject | Uint8Array): Sessions {
  const cookieKey = derive(secret, 'paysaga ops session v1');
  const formKey = derive(secret, 'paysaga ops form v1');
  const csrfToken = ({ token }: Session): string => mac(formKey, token).toString('base64url');
  return {
    open: (keyId, now) => {
      const expirySeconds = Math.floor(now.getTime() / 1000) + SESSION_SECONDS;
      const payload = `${expirySeconds}.${keyId}.${randomBytes(16).toString('base64url')}`;
      const token = Buffer.concat([mac(cookieKey, payload), Buffer.from(payload)]).toString('base64url');
      return { keyId, expiresAt: new Date(expirySeconds * 1000), token };
    },
    read: (token, now) => read(cookieKey, token, now),
    csrfToken,
    isCsrfToken: (session, presented) => isSame(csrfToken(session), presented),
  };
}

function read(key: Buffer, token: string, now: Date): Session | undefined {
  const bytes = Buffer.from(token, 'base64url');
  const payload = bytes.subarray(MAC_BYTES).toString('latin1');
  const [, seconds, keyId] = PAYLOAD.exec(payload) ?? [];
  if (seconds === undefined || keyId === undefined) return undefined;
  if (!timingSafeEqual(mac(key, payload), bytes.subarray(0, MAC_BYTES))) return undefined;
  const expiresAt = new Date(Number(seconds) * 1000);
  return now < expiresAt ? { keyId, expiresAt, token } : undefined;
}

const derive = (secret: KeyObject | Uint8Array, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));

const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Compares their hashes, so that neither content nor length shows in the time it takes. */
function isSame(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHmac('sha256', 'equal').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
