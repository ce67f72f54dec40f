import { isIP } from 'node:net';
import { z } from 'zod';
import { isPublicAddress, isRange, isWithin, rangesOf } from '../net/address.js';

/** Whether a connection to the address may be made; never to text that is no address. */
export type AddressGuard = (scheme: 'http' | 'https', address: string) => boolean;

/** By https every public address, and those of the allowed ranges by http too. */
export function createAddressGuard(allowedRanges: readonly string[]): AddressGuard {
  const allowed = rangesOf(allowedRanges);
  return (scheme, address) => isWithin(allowed, address) || (scheme === 'https' && isPublicAddress(address));
}

export const LOOPBACK_RANGES: readonly string[] = ['127.0.0.0/8', '::1/128'];

/** `webhook` in the merchants file. The files hold one secret each, newest first. */
export const endpointSchema = z
  .strictObject({
    url: z.string(),
    secretFiles: z.array(z.string().min(1)).min(1),
    allowedPrivateRanges: z
      .array(z.string().refine(isRange, { error: 'must be a range such as 10.0.0.0/8 or fd00::/8', abort: true }))
      .default([]),
  })
  .superRefine(({ url, allowedPrivateRanges }, context) => {
    const message = endpointUrlProblem(url, allowedPrivateRanges);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['url'], message });
  });

/** Without resolving the name: the connection checks its addresses. */
export function endpointUrlProblem(url: string, allowedPrivateRanges: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return NO_URL;
  const { protocol, username, password, hostname } = new URL(url);
  if (username !== '' || password !== '') return 'must not hold credentials';
  if (protocol !== 'https:' && protocol !== 'http:') return NO_URL;
  const secure = protocol === 'https:';
  if (!secure && allowedPrivateRanges.length === 0) return CLEAR;
  const address = addressOf(hostname);
  if (address === undefined) return undefined;
  if (createAddressGuard(allowedPrivateRanges)(secure ? 'https' : 'http', address)) return undefined;
  return secure ? 'is neither public nor in allowedPrivateRanges' : CLEAR;
}

const NO_URL = 'must be an https URL';
const CLEAR = 'must be https, or http within allowedPrivateRanges';

export function addressOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}
