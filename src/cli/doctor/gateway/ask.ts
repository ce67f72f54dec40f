import type { Merchant } from '../../../channels/merchant.js';
import { readError } from '../../../channels/wechatpay-v3/failure-map.js';
import { createTransport, type RawAnswer } from '../../../channels/wechatpay-v3/transport.js';

export type Answer =
  | { readonly kind: 'answered'; readonly raw: RawAnswer; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'unanswered' };

const TIMEOUT_MS = 8_000;

/** A signed call whose answer is seen as it came: the gateway's port tells only what a payment needs to know of it. */
export async function ask(merchant: Merchant, path: string, now: () => Date): Promise<Answer> {
  try {
    const raw = await createTransport(merchant.credentials)({ method: 'GET', path }, AbortSignal.timeout(TIMEOUT_MS));
    const { code, message } = readError(raw, now());
    return { kind: 'answered', raw, code, message: message.slice(0, 120) };
  } catch {
    return { kind: 'unanswered' };
  }
}
