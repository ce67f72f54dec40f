import { BlockList, isIP } from 'node:net';

/** A range in CIDR notation; host bits may be set. */
export const isRange = (text: string): boolean => parseRange(text) !== undefined;

type Range = { readonly network: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' };

function parseRange(text: string): Range | undefined {
  const [, network = '', digits = ''] = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const prefix = Number(digits);
  const family = isIP(network);
  const isWellFormed = (family === 4 && prefix <= 32) || (family === 6 && prefix <= 128);
  return isWellFormed ? { network, prefix, family: family === 4 ? 'ipv4' : 'ipv6' } : undefined;
}

/** One list a family: in one for both, a range like `::/0` would match IPv4 addresses as well. */
export type Ranges = { readonly ipv4: BlockList; readonly ipv6: BlockList };

export function rangesOf(texts: readonly string[]): Ranges {
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of texts) {
    const range = parseRange(text);
    if (range === undefined) throw new Error('not a range in CIDR notation');
    ranges[range.family].addSubnet(range.network, range.prefix, range.family);
  }
  return ranges;
}

export function isWithin(ranges: Ranges, address: string): boolean {
  // A zone depends on the machine's interfaces, and not every node can compare one.
  if (address.includes('%')) return false;
  const family = isIP(address);
  if (family === 4) return ranges.ipv4.check(address, 'ipv4');
  // A mapped address is the IPv4 address itself: an IPv4 range holds it.
  return family === 6 && (ranges.ipv6.check(address, 'ipv6') || ranges.ipv4.check(address, 'ipv6'));
}

/** IPv6 addresses that carry an IPv4 one (mapped, NAT64, 6to4, Teredo) are not: what they reach depends on the network. */
export const isPublicAddress = (address: string): boolean =>
  isWithin(isIP(address) === 4 ? ANY_IPV4 : GLOBAL_UNICAST, address) && !isWithin(SPECIAL, address);

/** `::ffff:203.0.113.9`, as a server that listens on IPv6 sees an IPv4 caller, is `203.0.113.9`; any other address is itself. */
export function unmapped(address: string): string {
  if (isIP(address) !== 6 || !URL.canParse(`http://[${address}]`)) return address;
  const [, high, low] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low].flatMap((word) => [parseInt(word, 16) >> 8, parseInt(word, 16) & 255]).join('.');
}

const ANY_IPV4 = rangesOf(['0.0.0.0/0']);
/** All that is given out of IPv6; no mapped address. */
const GLOBAL_UNICAST = rangesOf(['2000::/3']);

/** IANA's registries of special-purpose addresses, as far as `GLOBAL_UNICAST` does not leave them out. */
const SPECIAL = rangesOf([
  '0.0.0.0/8', // this network, unspecified
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's host: public by number, reached from inside a machine only
  '169.254.0.0/16', // link-local, cloud metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocol assignments, cloud metadata
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
  '2001::/23', // IETF protocol assignments: Teredo, ORCHID, benchmarks
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '3fff::/20', // documentation
]);
