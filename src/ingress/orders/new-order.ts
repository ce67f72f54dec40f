import type { NewOrder } from '../../orders/store/order.js';
import type { Mchid } from '../../base/ids.js';
import type { OrderRecord } from '../../domain/order/record.js';
import type { FulfilmentPolicy, Policy } from '../../domain/policy.js';
import type { Product } from '../../domain/product.js';
import { err, ok, type Result } from '../../base/result.js';
import type { MerchantFacts } from '../../http/kit/route.js';
import { hashOf } from './body-hash.js';
import type { CreateOrderBody } from './create-schema.js';
import { payerParameters } from './payer-schema.js';

type Defaults = { readonly appid: string; readonly policy: Policy };

/** The row an order body asks for, the merchant's defaults filled in before it is hashed; or why it cannot be made, in words. */
export function newOrder(
  body: CreateOrderBody,
  mchid: Mchid,
  merchant: MerchantFacts | undefined,
): Result<Omit<NewOrder, 'createdAt'>, string> {
  if (merchant === undefined) return err('this merchant is not configured here');
  const appid = appidFor(merchant, body.product, body.appid);
  if (!appid.ok) return appid;
  const policy = withDefaults(body, merchant.policy);
  return ok({
    mchid,
    orderNo: body.orderNo,
    amountFen: body.amountFen,
    bodyHash: orderBodyHash(body, { appid: appid.value, policy }),
    description: body.description,
    attach: body.attach ?? null,
    metadata: body.metadata ?? null,
    policy,
    expiresInSeconds: body.expiresInSeconds,
    ...payerParameters(body, appid.value),
  });
}

/** Whether the body is the one the order was made from. What it leaves out is taken from the row, not from today's defaults. */
export function isRepeatOf(body: CreateOrderBody, order: OrderRecord): boolean {
  const appid = body.appid ?? order.attempts[0]?.appid ?? '';
  return orderBodyHash(body, { appid, policy: withDefaults(body, order.policy) }) === order.bodyHash;
}

/** The body's appid, which must be one of the merchant's for this product, or the first of them. */
export function appidFor(merchant: MerchantFacts, product: Product, asked: string | undefined): Result<string, string> {
  const [first, ...others] = merchant.appids[product] ?? [];
  if (first === undefined) return err(`product: this merchant has no appid configured for ${product}`);
  if (asked === undefined || asked === first || others.includes(asked)) return ok(asked ?? first);
  return err(`appid: is not this merchant's appid for ${product}`);
}

function withDefaults(body: CreateOrderBody, defaults: Policy): Policy {
  const { latePayment = defaults.latePayment, fulfilment } = body.policy ?? {};
  return { latePayment, fulfilment: fulfilment === undefined ? defaults.fulfilment : fulfilmentPolicy(fulfilment) };
}

type AskedFulfilment = NonNullable<NonNullable<CreateOrderBody['policy']>['fulfilment']>;

function fulfilmentPolicy({ required, deadlineSeconds, onDeadline = 'refund' }: AskedFulfilment): FulfilmentPolicy {
  return required && deadlineSeconds !== undefined ? { required, deadlineSeconds, onDeadline } : { required: false };
}

function orderBodyHash(body: CreateOrderBody, { appid, policy }: Defaults): string {
  const { orderNo, amountFen, description, expiresInSeconds, attach, metadata } = body;
  const order = { orderNo, amountFen, description, expiresInSeconds, attach, metadata, policy };
  return hashOf({ ...order, ...payerParameters(body, appid) });
}
