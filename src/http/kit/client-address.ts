import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { isIP } from 'node:net';
import type { IngressEnv } from './route.js';

/** Loopback and private ranges, where our reverse proxy stands and no stranger. */
const NEARBY = /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|::1$|f[cd])/i;

export const isNearby = (address: string): boolean => NEARBY.test(unmapped(address));

/** Behind our proxy the last address of `X-Forwarded-For`, which the proxy wrote; from strangers the header is a mere claim. */
export function clientAddress(c: Context<IngressEnv>): string {
  const peer = peerOf(c);
  if (peer === undefined) return 'unknown';
  if (!isNearby(peer)) return networkOf(peer);
  const forwarded = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  return networkOf(isIP(forwarded) === 0 ? peer : forwarded);
}

/** An IPv4 address, also one mapped to IPv6; of IPv6 the /64, which one household has whole. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const groups = groupsOf(new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

function groupsOf(shortest: string): number[] {
  const [before = [], after = []] = shortest.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => parseInt(group, 16));
}

const unmapped = (address: string): string => address.replace(/^::ffff:/i, '');

/** Absent without a socket, as in tests that call the app itself. */
function peerOf(c: Context<IngressEnv>): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    return undefined;
  }
}
