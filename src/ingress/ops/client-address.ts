import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { isIP } from 'node:net';
import type { OpsEnv } from './env.js';

/** Loopback and private ranges: where a reverse proxy of ours stands, and no stranger. */
const NEARBY = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|::1$|f[cd])/i;

/**
 * Whom to count a failed try for. Behind a proxy that is the last address of `X-Forwarded-For`, which the proxy itself wrote;
 * from elsewhere the header is only what the client claims.
 */
export function clientAddress(c: Context<OpsEnv>): string {
  const peer = peerOf(c);
  if (peer === undefined) return 'unknown';
  if (!NEARBY.test(peer)) return peer;
  const forwarded = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return isIP(forwarded) === 0 ? peer : forwarded;
}

/** Absent without a socket, as in tests that call the app itself. */
function peerOf(c: Context<OpsEnv>): string | undefined {
  try {
    return getConnInfo(c).remote.address?.replace(/^::ffff:/i, '');
  } catch {
    return undefined;
  }
}
