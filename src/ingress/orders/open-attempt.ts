import { reserveAttempt } from '../../orders/store/attempt.js';
import { loadAttemptParameters } from '../../orders/store/prepay.js';

import type { AttemptRecord, OrderRecord } from '../../domain/order/record.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { IngressDeps } from '../../http/kit/route.js';
import { attemptOutcome } from './attempt-outcome.js';
import { hashOf } from './body-hash.js';
import { requireOrder, requirePayable } from './order-call.js';
import type { PayerParameters } from './payer-schema.js';

/** A code with less time left is not worth showing; nor is a new one of an order that ends sooner. */
const MARGIN_MS = 60_000;

export type AttemptRequest = { readonly parameters: PayerParameters; readonly attemptKey: string | null };
export type AttemptAnswer = { readonly status: 200 | 201 | 202; readonly order: OrderRecord };

/** Re-enters the attempt that is open with these parameters, or opens the next number. */
export async function openAttempt(
  deps: IngressDeps,
  order: OrderRecord,
  request: AttemptRequest,
): Promise<AttemptAnswer> {
  requirePayable(order);
  if (msUntil(deps, order.expiresAt) < MARGIN_MS) {
    throw new ApiError('order_expiring', 'The order ends in less than 60 s.');
  }
  const earlier = await findEarlier(deps, order, request);
  if (earlier !== undefined && isAnswered(deps, earlier)) return { status: 200, order };
  if (earlier?.number === 1 && order.state === 'creating') return awaitCreation(deps, order);
  const reserved = earlier === undefined ? await reserve(deps, order, request) : { attempt: earlier, created: false };
  const outcome = await ask(deps, order, reserved.attempt, request);
  const after = await requireOrder(deps, order.mchid, order.orderNo);
  return attemptOutcome(outcome, after, reserved);
}

/** The attempt this call means, if there is one: that of its key, else one with these parameters that can still be paid. */
async function findEarlier(
  deps: IngressDeps,
  order: OrderRecord,
  request: AttemptRequest,
): Promise<AttemptRecord | undefined> {
  const ofKey = order.attempts.find(({ attemptKey }) => attemptKey !== null && attemptKey === request.attemptKey);
  const candidates = ofKey === undefined ? order.attempts.filter(isAlive) : [ofKey];
  for (const attempt of candidates) {
    if (await hasParameters(deps, order, attempt, request.parameters)) return attempt;
  }
  return undefined;
}

const isAlive = ({ state }: AttemptRecord): boolean => state === 'open' || state === 'preparing';

async function hasParameters(
  deps: IngressDeps,
  { mchid }: OrderRecord,
  { outTradeNo }: AttemptRecord,
  wanted: PayerParameters,
): Promise<boolean> {
  const stored = await loadAttemptParameters(deps.connection.db, { mchid, outTradeNo });
  if (stored === undefined) throw new Error('An attempt of an order that was just read has no row');
  const { product, appid, openid, clientIp, h5Type } = stored;
  return hashOf({ product, appid, openid, clientIp, h5Type }) === hashOf(wanted);
}

/** Nothing to ask WeChat Pay for: its code can be shown for a while, or it has ended (its key may be repeated even then). */
function isAnswered(deps: IngressDeps, attempt: AttemptRecord): boolean {
  if (!isAlive(attempt)) return true;
  return (
    attempt.state === 'open' && attempt.codeExpiresAt !== null && msUntil(deps, attempt.codeExpiresAt) >= MARGIN_MS
  );
}

/** Attempt 1 is opened by the order's creation, which may have to be started again. */
async function awaitCreation(deps: IngressDeps, order: OrderRecord): Promise<AttemptAnswer> {
  await deps.orders.create(order);
  const after = await requireOrder(deps, order.mchid, order.orderNo);
  if (after.closedReason === 'rejected') {
    throw new ApiError('prepay_refused', 'WeChat Pay refused this order; it is closed.', {
      gateway: after.attempts[0]?.refusal ?? null,
    });
  }
  requirePayable(after);
  if (after.state === 'creating' && after.stuckReason === null) {
    throw new ApiError('outcome_pending', 'There is no answer yet; repeat the call.');
  }
  return { status: after.state === 'creating' ? 202 : 200, order: after };
}

async function reserve(deps: IngressDeps, { mchid, orderNo }: OrderRecord, { parameters, attemptKey }: AttemptRequest) {
  const bodyHash = hashOf(parameters);
  const reserved = await reserveAttempt(deps.connection.db, { mchid, orderNo, ...parameters, attemptKey, bodyHash });
  if (reserved === 'too_many_attempts') throw new ApiError('too_many_attempts', 'An order has at most 20 attempts.');
  if (reserved === 'order_not_found') throw new ApiError('order_not_found', 'The order is gone.');
  if (reserved.attempt.bodyHash !== bodyHash) {
    throw new ApiError('order_conflict', 'This attemptKey was used with other parameters.');
  }
  return reserved;
}

function ask(deps: IngressDeps, order: OrderRecord, attempt: AttemptRecord, request: AttemptRequest) {
  const { mchid, orderNo, version } = order;
  return deps.orders.openAttempt({
    mchid,
    orderNo,
    outTradeNo: attempt.outTradeNo,
    product: attempt.product,
    appid: attempt.appid,
    reenter: attempt.state === 'open',
    requestId: `${request.attemptKey ?? hashOf(request.parameters)}/${version}`,
  });
}

const msUntil = (deps: IngressDeps, end: Date): number => end.getTime() - deps.now().getTime();
