import { z } from 'zod';
import type { KeyFiles } from './key-material.js';
import { isSafeUrl, isWechatPay } from './safe-url.js';

const MAX_DOMAINS = 4;

export const outsideUrl = z
  .url({ protocol: /^https?$/ })
  .refine(isSafeUrl, 'must be https, or http on this machine')
  .transform((text) => text.replace(/\/+$/, ''));

/** One of the two. */
export const gatewayUrlFields = {
  gatewayUrl: outsideUrl.optional(),
  gatewayUrls: z.array(outsideUrl).min(1).max(MAX_DOMAINS).optional(),
};

type GatewayUrlEntry = {
  readonly gatewayUrl?: string | undefined;
  readonly gatewayUrls?: readonly string[] | undefined;
};

/** The domains of one gateway, in the order in which they are tried. */
export type GatewayUrls = readonly [string, ...string[]];

/** Throws a problem of `files`. */
export function gatewayUrlsOf({ gatewayUrl, gatewayUrls }: GatewayUrlEntry, files: KeyFiles): GatewayUrls {
  const [first, ...further] = gatewayUrls ?? [];
  if (gatewayUrls === undefined || first === undefined) {
    if (gatewayUrl === undefined) throw files.problem('gatewayUrl', 'is needed, or gatewayUrls');
    return [gatewayUrl];
  }
  if (gatewayUrl !== undefined) throw files.problem('gatewayUrls', 'and gatewayUrl exclude each other');
  if (new Set(gatewayUrls).size !== gatewayUrls.length) throw files.problem('gatewayUrls', 'names one twice');
  // An order must not be paid with real money at one domain and be unknown at the next.
  if (isMixed(gatewayUrls)) throw files.problem('gatewayUrls', 'mixes WeChat Pay with something else');
  return [first, ...further];
}

export const isMixed = (urls: readonly string[]): boolean => urls.some(isWechatPay) && !urls.every(isWechatPay);
