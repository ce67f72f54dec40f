import { createHmac } from 'node:crypto';
import { leadsTo, RETURN_PREFIX } from '../orders/rules/return-url.js';
import type { OrderRecord } from '../orders/rules/record.js';

export type ReturnTerms = {
  readonly returnOrigins?: readonly string[];
  readonly webhook?: { readonly secrets?: readonly string[] } | null;
};

type Returning = Pick<OrderRecord, 'mchid' | 'orderNo' | 'state' | 'returnUrl'>;

/**
 * The shop's address with its order's number and, if the shop has a webhook secret, state, time and signature. `null` where the
 * order has none, or one that the merchants file allows no more.
 */
export function returnLink({ returnOrigins, webhook }: ReturnTerms, order: Returning, now: Date): string | null {
  const { returnUrl, orderNo } = order;
  if (returnUrl === null || !leadsTo(returnOrigins, returnUrl)) return null;
  const [secret] = webhook?.secrets ?? [];
  const hints = { order: orderNo, ...(secret === undefined ? {} : signed(secret, order, now)) };
  const added = Object.entries(hints).map(([name, value]) => `${RETURN_PREFIX}${name}=${value}`);
  // What the shop wrote stays as it wrote it.
  return `${returnUrl}${returnUrl.includes('?') ? '&' : '?'}${added.join('&')}`;
}

function signed(secret: string, { mchid, orderNo, state }: Returning, now: Date) {
  const time = Math.floor(now.getTime() / 1000);
  return { state, time, signature: signatureOf(secret, [mchid, orderNo, state, String(time)]) };
}

/** Lines that no webhook can be: the content that those are signed by holds points, and its first line no more than a header. */
function signatureOf(secret: string, facts: readonly string[]): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const content = ['paysaga-return', ...facts].map((line) => `${line}\n`).join('');
  return createHmac('sha256', key).update(content, 'utf8').digest('hex');
}
