import { createHash } from 'node:crypto';
import { gatewayObjection, type AskedMerchant } from '../../channels/objection.js';
import { insertOrder, loadOrder, type NewOrder } from '../store/order.js';
import type { Mchid, OrderNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import { canonicalJson } from '../../base/canonical-json.js';
import { err, ok, type Result } from '../../base/result.js';
import { DomainError } from '../rules/domain-error.js';
import type { AskedShopData, AttemptRecord, OrderRecord } from '../rules/record.js';
import { leadsTo } from '../rules/return-url.js';
import type { SaleTerms } from '../rules/sale.js';
import type { FulfilmentPolicy, Policy } from '../rules/policy.js';
import { unlessAway } from '../../actions/use-cases/recorded-action.js';
import { requireOrder, type OrderDeps } from './order.js';
import { sealedIdentity, type SealDeps } from './sealed.js';
import { appidFor, NOT_CONFIGURED, payerParameters, requireValid, type Appids, type PayerRequest } from './payer.js';

/** The merchant's configuration says what is left out. */
export type OrderRequest = PayerRequest &
  AskedShopData &
  SaleTerms & {
    readonly orderNo: OrderNo;
    readonly amountFen: Fen;
    readonly description: string;
    readonly expiresInSeconds: number;
    readonly policy?:
      { latePayment?: Policy['latePayment'] | undefined; fulfilment?: AskedFulfilment | undefined } | undefined;
  };

type AskedFulfilment = {
  readonly required: boolean;
  readonly deadlineSeconds?: number | undefined;
  readonly onDeadline?: 'refund' | 'review' | undefined;
};

export type MerchantTerms = AskedMerchant & {
  readonly appids: Appids;
  readonly policy: Policy;
  readonly returnOrigins?: readonly string[];
};

export type CreateDeps = OrderDeps & SealDeps & { readonly merchants: { of(mchid: Mchid): MerchantTerms | undefined } };

/**
 * The order this request makes, or made before, once WeChat Pay has given its codes or 8 s have passed. Throws `invalid_request`,
 * `order_conflict` if another request made it, `prepay_refused`, `charge_refused`.
 */
export async function createOrder(
  deps: CreateDeps,
  mchid: Mchid,
  request: OrderRequest,
): Promise<{ order: OrderRecord; isNew: boolean }> {
  const { inserted, record } = await recordOrder(deps, mchid, request);
  const order = record.state === 'creating' ? await waitForCodes(deps, record) : record;
  if (order.state === 'closed' && order.closedReason === 'rejected') throw prepayRefused(order);
  requireCharged(order);
  return { order, isNew: inserted };
}

export const prepayRefused = ({ attempts: [first] }: OrderRecord): DomainError =>
  new DomainError('prepay_refused', 'WeChat Pay refused this order; it is closed.', {
    gateway: first?.refusal ?? null,
  });

/** A charge that WeChat Pay refused leaves the order to the payer's next code. Throws `charge_refused`. */
export function requireCharged({ state, attempts }: OrderRecord, attempt = attempts.at(-1)): void {
  if (attempt?.product !== 'codeScan' || attempt.state !== 'failed' || state !== 'awaitingPayment') return;
  if (attempt.refusal !== null) throw chargeRefused(attempt);
}

export const chargeRefused = ({ refusal }: AttemptRecord): DomainError =>
  new DomainError('charge_refused', "WeChat Pay refused the charge; the order takes the payer's next code.", {
    gateway: refusal,
  });

/** A repeat is joined even if the merchant's configuration has changed since. */
async function recordOrder(deps: CreateDeps, mchid: Mchid, request: OrderRequest) {
  const { db, merchants, now } = deps;
  const order = newOrder(request, mchid, merchants.of(mchid));
  if (!order.ok) {
    const earlier = await loadOrder(db, { mchid, orderNo: request.orderNo });
    if (earlier !== undefined && isRepeatOf(request, earlier)) return { inserted: false, record: earlier };
  }
  const terms = requireValid(order);
  const identity = await sealedIdentity(deps, mchid, request.payer?.identity);
  const { inserted, record } = await insertOrder(db, { ...terms, identity, createdAt: now() });
  if (!inserted && !isRepeatOf(request, record)) {
    throw new DomainError('order_conflict', 'An order with this number was made from another body.');
  }
  return { inserted, record };
}

async function waitForCodes(deps: CreateDeps, order: OrderRecord): Promise<OrderRecord> {
  const { mchid, orderNo } = order;
  await unlessAway(deps, { mchid, orderNo }, () => deps.orders.create(order));
  return requireOrder(deps, order);
}

/** The merchant's defaults are filled in before the row is hashed; else why it cannot be made, in words. */
function newOrder(
  request: OrderRequest,
  mchid: Mchid,
  merchant: MerchantTerms | undefined,
): Result<Omit<NewOrder, 'createdAt' | 'identity'>, string> {
  if (merchant === undefined) return err(NOT_CONFIGURED);
  const appid = appidFor(merchant, request);
  if (!appid.ok) return appid;
  const problem = gatewayObjection(merchant, request);
  if (problem !== undefined) return err(problem);
  if (request.returnUrl && !leadsTo(merchant.returnOrigins, request.returnUrl))
    return err("returnUrl: its origin is none of this merchant's returnOrigins");
  const policy = withDefaults(request, merchant.policy);
  const asked = termsOf(request, { appid: appid.value, policy });
  const attemptHash = hashOf(payerParameters(request, appid.value));
  const { goodsTag, detail, limitPay, supportFapiao, identity, ...terms } = asked;
  const sale = Object.values({ goodsTag, detail, limitPay, supportFapiao }).some((term) => term !== undefined)
    ? { goodsTag, detail, limitPay, supportFapiao }
    : null;
  return ok({ ...terms, sale, mchid, bodyHash: hashOf(asked), attemptHash });
}

/** What the request leaves out is taken from the row, not from today's defaults. */
function isRepeatOf(request: OrderRequest, order: OrderRecord): boolean {
  const appid = request.appid ?? order.attempts[0]?.appid ?? '';
  return hashOf(termsOf(request, { appid, policy: withDefaults(request, order.policy) })) === order.bodyHash;
}

function withDefaults(request: OrderRequest, defaults: Policy): Policy {
  const { latePayment = defaults.latePayment, fulfilment } = request.policy ?? {};
  return { latePayment, fulfilment: fulfilment === undefined ? defaults.fulfilment : fulfilmentPolicy(fulfilment) };
}

function fulfilmentPolicy({ required, deadlineSeconds, onDeadline = 'refund' }: AskedFulfilment): FulfilmentPolicy {
  return required && deadlineSeconds !== undefined ? { required, deadlineSeconds, onDeadline } : { required: false };
}

/** All that a request asks for, which is what its hash is of. */
function termsOf(
  { payer, device, store, sceneInfo, ...asked }: OrderRequest,
  { appid, policy }: { appid: string; policy: Policy },
) {
  return { ...asked, policy, ...payerParameters({ ...asked, payer, device, store, sceneInfo }, appid) };
}

/** SHA-256 of a parsed body as canonical JSON: equal for bodies that mean the same. */
export const hashOf = (body: Readonly<Record<string, unknown>>): string =>
  createHash('sha256').update(canonicalJson(body), 'utf8').digest('hex');
