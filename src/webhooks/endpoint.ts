import { isIP } from 'node:net';
import { z } from 'zod';
import { createAddressGuard, isRange } from './address.js';

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

/** What is wrong with it as far as can be said without resolving its name; that is left to the connection. */
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

/** The address that a URL's host is, if it is one. */
export function addressOf(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}
