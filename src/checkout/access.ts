import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Gateways } from '../channels/port.js';
import type { Db } from '../db/connection.js';
import type { OrderWorkflows } from '../orders/client.js';
import { loadOrder, type OrderRef } from '../orders/store/order.js';
import type { IngressDeps, IngressEnv, MerchantFacts, OrderChanges } from '../http/kit/route.js';
import { parseOrderNo, type Mchid } from '../base/ids.js';
import type { OrderRecord } from '../orders/rules/record.js';
import { err, ok, type Result } from '../base/result.js';
import type { Language } from '../base/language.js';
import { chooseLanguage } from '../http/kit/choose-language.js';
import { verifyCheckoutToken } from './link.js';

export type CheckoutDeps = Pick<IngressDeps, 'checkoutKey' | 'publicUrl' | 'now' | 'stopping' | 'streamHeartbeatMs'> & {
  readonly db: Db;
  readonly orders: Pick<OrderWorkflows, 'openAttempt' | 'sync'>;
  readonly gateways: Pick<Gateways, 'for'>;
  readonly merchants: { of(mchid: Mchid): PageMerchant | undefined };
  readonly changes: Pick<OrderChanges, 'subscribe'>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
};

export type PageMerchant = Pick<MerchantFacts, 'display' | 'returnOrigins' | 'webhook'>;

type AccessRefusal = 'not_found' | 'gone';

/** A forged token, another order's token, and an absent order answer the same. */
export async function accessOrder(
  deps: CheckoutDeps,
  c: Context<IngressEnv>,
): Promise<Result<OrderRecord, AccessRefusal>> {
  const ref = accessRef(deps, c);
  if (!ref.ok) return ref;
  const order = await loadOrder(deps.db, ref.value);
  return order === undefined ? err('not_found') : ok(order);
}

/** Whose order the token opens; without a look at the database. */
export function accessRef(
  deps: Pick<CheckoutDeps, 'checkoutKey' | 'now'>,
  c: Context<IngressEnv>,
): Result<OrderRef, AccessRefusal> {
  const orderNo = parseOrderNo(c.req.param('orderNo') ?? '');
  if (!orderNo.ok) return err('not_found');
  const claim = { orderNo: orderNo.value, now: deps.now() };
  const mchid = verifyCheckoutToken(deps.checkoutKey, tokenOf(c), claim);
  if (!mchid.ok) return err(mchid.error === 'expired' ? 'gone' : 'not_found');
  return ok({ mchid: mchid.value, orderNo: orderNo.value });
}

export const tokenOf = (c: Context<IngressEnv>): string => c.req.query('t') ?? '';

type Refusal = AccessRefusal | 'rate_limited' | 'unavailable' | 'internal_error';

const REFUSALS = {
  not_found: { status: 404, code: 'order_not_found', title: 'There is no such payment page' },
  gone: { status: 410, code: 'checkout_expired', title: 'This payment page has ended' },
  rate_limited: { status: 429, code: 'rate_limited', title: 'Too many requests for this order' },
  unavailable: { status: 503, code: 'unavailable', title: 'A service PaySaga depends on does not answer' },
  internal_error: { status: 500, code: 'internal_error', title: 'Something went wrong here' },
} as const satisfies Record<Refusal, { status: number; code: string; title: string }>;

export const statusOf = (refusal: AccessRefusal) => REFUSALS[refusal].status;

/** RFC 9457, for the page's script; `retryAfterSeconds` where asking again helps. */
export function refuse(c: Context<IngressEnv>, refusal: Refusal, retryAfterSeconds?: number): Response {
  const { status, code, title } = REFUSALS[refusal];
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  c.header('Content-Type', 'application/problem+json');
  const type = `urn:paysaga:error:${code}`;
  return c.body(JSON.stringify({ type, title, status, code, detail: title, requestId: c.get('requestId') }), status);
}

/** WeChat's own browser, where JSAPI works and H5 payment does not. */
export const isInWechat = (c: Context<IngressEnv>): boolean =>
  /\bMicroMessenger\//i.test(c.req.header('User-Agent') ?? '');

/** Phones and tablets, as far as they say so: iPads, and phones that ask for the desktop's page, name a computer. */
export const isOnPhone = (c: Context<IngressEnv>): boolean =>
  c.req.header('Sec-CH-UA-Mobile') === '?1' ||
  /Mobi|Android|iPhone|iPad|Harmony/i.test(c.req.header('User-Agent') ?? '');

export const languageOf = (c: Context<IngressEnv>): Language =>
  chooseLanguage(c.req.query('lang'), c.req.header('Accept-Language'));
