import { gatewayObjection, type AskedMerchant } from '../../channels/objection.js';
import { reserveAttempt } from '../store/attempt.js';
import { loadAttemptParameters } from '../store/prepay.js';
import type { Mchid } from '../../base/ids.js';
import { wholeSeconds } from '../../base/rate.js';
import { DomainError } from '../rules/domain-error.js';
import { V2_CLOSE_AFTER_MS } from '../rules/schedules.js';
import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import type { OpenAttemptOutcome } from '../client.js';
import { hashOf, prepayRefused, requireCharged } from './create.js';
import { requireOrder, requirePayable, type OrderCall, type OrderDeps } from './order.js';
import { sealedIdentity, type SealDeps } from './sealed.js';
import {
  appidFor,
  payerParameters,
  requireValid,
  type Appids,
  type PayerParameters,
  type PayerRequest,
} from './payer.js';

/** A code with less time left is not worth showing; nor is a new one of an order that ends sooner. */
const MARGIN_MS = 60_000;

type AttemptDeps = OrderDeps &
  SealDeps & { readonly merchants: { of(mchid: Mchid): (AskedMerchant & { readonly appids: Appids }) | undefined } };

/** `attempt` is `open` already, `opened` under a new number, or `stuck` until somebody repairs something. */
type AttemptAnswer = { readonly attempt: 'open' | 'opened' | 'stuck'; readonly order: OrderRecord };

type AttemptRequest = { readonly parameters: PayerParameters; readonly attemptKey: string | null };

/**
 * Re-enters the attempt that is open with these parameters, or opens the next number. Throws `order_not_found`, `invalid_request`,
 * `order_closed`, `order_not_payable`, `order_expiring`, `order_conflict`, `too_many_attempts`, `prepay_refused`, `charge_refused`,
 * `close_too_early`, `close_pending`, `outcome_pending`.
 */
export async function openAttempt(
  deps: AttemptDeps,
  call: OrderCall,
  { attemptKey, ...payer }: PayerRequest & { readonly attemptKey: string | null },
): Promise<AttemptAnswer> {
  const order = await requireOrder(deps, call);
  const merchant = deps.merchants.of(call.mchid);
  const appid = requireValid(appidFor(merchant, payer));
  const request = { parameters: payerParameters(payer, appid), attemptKey };
  const repeated = repeatedCharge(order, request);
  if (repeated !== undefined) return repeated;
  requirePayable(order);
  if (msUntil(deps, order.expiresAt) < MARGIN_MS) {
    throw new DomainError('order_expiring', 'The order ends in less than 60 s.');
  }
  const earlier = await findEarlier(deps, order, request);
  if (earlier !== undefined && isAnswered(deps, earlier)) return { attempt: 'open', order };
  if (earlier?.number === 1 && order.state === 'creating') return awaitCreation(deps, order);
  if (earlier === undefined && merchant?.credentials.protocol === 'v2') requireClosable(deps, order);
  if (earlier === undefined) await requireTaken(deps, order, payer);
  const reserved = earlier === undefined ? await reserve(deps, order, request) : { attempt: earlier, created: false };
  const outcome = await ask(deps, order, reserved.attempt, request);
  return answerFor(outcome, await requireOrder(deps, order), reserved);
}

/** A code is charged once: whoever sends it again is told what came of it, also once the order is over. */
function repeatedCharge(order: OrderRecord, { parameters, attemptKey }: AttemptRequest): AttemptAnswer | undefined {
  if (parameters.product !== 'codeScan') return undefined;
  const bodyHash = hashOf(parameters);
  const charged = order.attempts.find((it) => it.bodyHash === bodyHash && it.attemptKey === attemptKey);
  if (charged === undefined || isAlive(charged)) return undefined;
  requireCharged(order, charged);
  return { attempt: 'open', order };
}

/** The attempt of the key, else one with these parameters that can still be paid; undefined for a new one. */
async function findEarlier(deps: OrderDeps, order: OrderRecord, request: AttemptRequest) {
  const ofKey = order.attempts.find(({ attemptKey }) => attemptKey !== null && attemptKey === request.attemptKey);
  const candidates = ofKey === undefined ? order.attempts.filter(isAlive) : [ofKey];
  for (const attempt of candidates) {
    if (await hasParameters(deps, order, attempt, request.parameters)) return attempt;
  }
  return undefined;
}

const isAlive = ({ state }: AttemptRecord): boolean => state === 'open' || state === 'preparing';

async function hasParameters(
  { db }: OrderDeps,
  { mchid }: OrderRecord,
  { outTradeNo, bodyHash }: AttemptRecord,
  wanted: PayerParameters,
): Promise<boolean> {
  const stored = await loadAttemptParameters(db, { mchid, outTradeNo });
  if (stored === undefined) throw new Error('An attempt of an order that was just read has no row');
  const { product, appid, openid, clientIp, h5Type, sceneInfo, identity } = stored;
  if (product === 'codeScan' || identity !== null) return bodyHash === hashOf(wanted);
  return hashOf({ product, appid, openid, clientIp, h5Type, sceneInfo: sceneInfo ?? undefined }) === hashOf(wanted);
}

/** Its code can be shown for a while, or it has ended (its key may be repeated even then). */
function isAnswered(deps: OrderDeps, attempt: AttemptRecord): boolean {
  if (!isAlive(attempt)) return true;
  return (
    attempt.state === 'open' && attempt.codeExpiresAt !== null && msUntil(deps, attempt.codeExpiresAt) >= MARGIN_MS
  );
}

/** The order's own terms go with the attempt, whose API may take less than the one before. Throws `invalid_request`. */
async function requireTaken(deps: AttemptDeps, { mchid, attach, attempts }: OrderRecord, payer: PayerRequest) {
  const merchant = deps.merchants.of(mchid);
  const [first] = attempts;
  if (merchant === undefined || first === undefined) return;
  const stored = await loadAttemptParameters(deps.db, { mchid, outTradeNo: first.outTradeNo });
  const problem = gatewayObjection(merchant, { ...payer, ...stored?.sale, attach });
  if (problem !== undefined) throw new DomainError('invalid_request', problem);
}

/** Of API v2: before the next number is opened the one before it is closed, and nothing is begun that would only wait for that. */
function requireClosable(deps: OrderDeps, { attempts }: OrderRecord): void {
  const closed = attempts.filter((it) => isAlive(it) && it.product !== 'codeScan');
  const startedAt = closed.map(({ prepayStartedAt }) => prepayStartedAt?.getTime() ?? 0);
  const waitMs = msUntil(deps, new Date(Math.max(0, ...startedAt) + V2_CLOSE_AFTER_MS));
  if (waitMs <= 0) return;
  const retryAfterSeconds = wholeSeconds(waitMs);
  throw new DomainError('close_too_early', 'WeChat Pay closes the open attempt 5 minutes after its prepay.', {
    retryAfterSeconds,
  });
}

/** Attempt 1 is opened by the order's creation, which may have to be started again. */
async function awaitCreation(deps: OrderDeps, order: OrderRecord): Promise<AttemptAnswer> {
  await deps.orders.create(order);
  const after = await requireOrder(deps, order);
  if (after.closedReason === 'rejected') throw prepayRefused(after);
  requirePayable(after);
  if (after.state === 'creating' && after.stuckReason === null) {
    throw new DomainError('outcome_pending', 'There is no answer yet; repeat the call.');
  }
  return { attempt: after.state === 'creating' ? 'stuck' : 'open', order: after };
}

async function reserve(deps: AttemptDeps, { mchid, orderNo }: OrderRecord, { parameters, attemptKey }: AttemptRequest) {
  const { identity: clear, ...terms } = parameters;
  const bodyHash = hashOf(parameters);
  const identity = await sealedIdentity(deps, mchid, clear);
  const reserved = await reserveAttempt(deps.db, { mchid, orderNo, ...terms, identity, attemptKey, bodyHash });
  if (reserved === 'too_many_attempts') throw new DomainError('too_many_attempts', 'An order has at most 20 attempts.');
  if (reserved === 'order_not_found') throw new DomainError('order_not_found', 'The order is gone.');
  if (reserved.attempt.bodyHash !== bodyHash) {
    throw new DomainError('order_conflict', 'This attemptKey was used with other parameters.');
  }
  return reserved;
}

function ask(deps: OrderDeps, order: OrderRecord, attempt: AttemptRecord, request: AttemptRequest) {
  const { mchid, orderNo, version } = order;
  const { outTradeNo, product, appid, state } = attempt;
  const requestId = `${request.attemptKey ?? hashOf(request.parameters)}/${version}`;
  return deps.orders.openAttempt({ mchid, orderNo, outTradeNo, product, appid, reenter: state === 'open', requestId });
}

function answerFor(
  outcome: OpenAttemptOutcome,
  order: OrderRecord,
  { attempt, created }: { readonly attempt: AttemptRecord; readonly created: boolean },
): AttemptAnswer {
  switch (outcome) {
    case 'opened':
      return { attempt: created ? 'opened' : 'open', order };
    case 'stuck':
      return { attempt: 'stuck', order };
    case 'not_payable':
      requirePayable(order);
      throw new DomainError('order_not_payable', 'The order can no longer be paid.');
    case 'refused':
      requireCharged(
        order,
        order.attempts.find(({ number }) => number === attempt.number),
      );
      // As the row says it now: the attempt at hand was read before it was refused.
      throw new DomainError('prepay_refused', 'WeChat Pay refused this attempt.', {
        gateway: order.attempts.find(({ number }) => number === attempt.number)?.refusal ?? null,
      });
    case 'close_pending':
      throw new DomainError('close_pending', 'The open attempt is not confirmed closed yet; repeat the call.', RETRY);
    case 'pending':
      throw new DomainError('outcome_pending', 'There is no answer yet; repeat the call.', RETRY);
  }
}

const RETRY = { retryAfterSeconds: 2 };

const msUntil = ({ now }: OrderDeps, end: Date): number => end.getTime() - now().getTime();
