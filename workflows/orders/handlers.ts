import { patched, setHandler } from '@temporalio/workflow';
import { explain } from '../../src/orders/rules/explain/explain.js';
import { factsOfState } from '../../src/orders/rules/explain/facts.js';
import type { OutTradeNo } from '../../src/base/ids.js';
import { isOwnBesideTheirs, needsPerson } from '../../src/orders/rules/resolve.js';
import { isCharge, isRefusedForGood, isUnsettled, type Attempt } from '../../src/orders/rules/attempt.js';
import { isWritten, projectionOf } from '../../src/orders/rules/projection.js';
import {
  attemptOf,
  endingOf,
  fulfilmentOf,
  isPayable,
  resolvingOf,
  type OrderState,
} from '../../src/orders/rules/state.js';
import { stuckReasonOf } from '../../src/orders/rules/trouble.js';
import { isWaiting, type ResolveAction, type ResolveOutcome } from '../../src/orders/rules/states.js';
import { recheckSignal } from '../saga/messages.js';
import { until } from '../saga/saga.js';
import { inTurn } from '../saga/turn.js';
import {
  closeUpdate,
  createUpdate,
  evidenceSignal,
  extendDeadlineUpdate,
  fulfilmentUpdate,
  openAttemptUpdate,
  resolveUpdate,
  shopHeardSignal,
  statusQuery,
  syncUpdate,
  type CloseOutcome,
  type FulfilmentOutcome,
  type OpenAttemptInput,
  type OpenAttemptOutcome,
  type OrderStatus,
} from './messages.js';
import type { OrderSaga } from './steps.js';

/** Below the 8 s of its caller: at most ten updates may wait, and some answers take for ever. */
const PATIENCE = '6 seconds';

/** Handlers fold one fact and then at most wait for the loop; they do no work of their own. */
export function listen(saga: OrderSaga): void {
  setHandler(evidenceSignal, (evidence) => saga.fold({ type: 'evidence', evidence }));
  setHandler(shopHeardSignal, (shop) => saga.fold({ type: 'shopHeard', shop }));
  setHandler(recheckSignal, () => saga.fold({ type: 'asked', why: 'recheck' }));
  setHandler(statusQuery, () => statusOf(saga.now));
  setHandler(createUpdate, async () => {
    await until(
      () =>
        isWritten(saga.now) &&
        !isCharging(saga.now) &&
        (saga.now.phase.state !== 'creating' || stuckReasonOf(saga.now) !== null),
    );
    return undefined;
  });
  setHandler(closeUpdate, async () => {
    saga.fold({ type: 'closeRequested' });
    await until(() => isWritten(saga.now) && !isWaiting(saga.now.phase.state));
    return closeOutcome(saga.now);
  });
  setHandler(syncUpdate, async () => {
    saga.fold({ type: 'asked', why: 'sync' });
    const answered = (): boolean => isWritten(saga.now) && saga.now.attempts.every(({ ask }) => ask === null);
    return (await until(answered, PATIENCE)) ? 'answered' : 'pending';
  });
  setHandler(extendDeadlineUpdate, async ({ untilMs }) => {
    await until(() => saga.now.loading === 'none');
    if (!isPayable(saga.now)) return 'not_open';
    saga.fold({ type: 'deadlineMoved', untilMs });
    await until(() => isWritten(saga.now));
    return 'extended';
  });
  setHandler(fulfilmentUpdate, (outcome) => reportFulfilment(saga, outcome));
  const decisions = inTurn();
  setHandler(resolveUpdate, async (action) => {
    const outcome = await decisions(() => resolve(saga, action));
    // What follows from the decision may still be on its way.
    if (outcome === 'resolved') await until(() => isWritten(saga.now) && endingOf(saga.now) === null, PATIENCE);
    return outcome;
  });
  setHandler(openAttemptUpdate, (input) => openAttempt(saga, input));
}

async function reportFulfilment(saga: OrderSaga, outcome: 'fulfilled' | 'rejected'): Promise<FulfilmentOutcome> {
  await until(() => saga.now.loading === 'none');
  if (!saga.now.policy.fulfilment.required) return 'not_expected';
  // The caller saw it paid; a run that lost its last task in a crash has yet to find out again.
  await until(() => fulfilmentOf(saga.now).state !== 'none');
  saga.fold({ type: 'fulfilmentReported', outcome });
  await until(() => isWritten(saga.now));
  return fulfilmentOf(saga.now).state === outcome ? 'recorded' : 'final';
}

/** Waits until WeChat Pay has answered for it. */
async function resolve(saga: OrderSaga, action: ResolveAction): Promise<ResolveOutcome> {
  await until(() => saga.now.loading === 'none' && resolvingOf(saga.now) === null);
  // The person saw that a decision is needed; a run that lost its last task in a crash reads what they saw.
  if (!needsPerson(saga.now)) saga.fold({ type: 'outdated' });
  await until(() => saga.now.loading === 'none' && resolvingOf(saga.now) === null);
  const refusesOwn = isOwnBesideTheirs(saga.now) && !patched('2026-11-own-money-beside-theirs');
  saga.fold({ type: 'resolveRequested', action, refusesOwn });
  await until(() => isWritten(saga.now) && resolvingOf(saga.now) === null);
  const { decision } = saga.now;
  return decision?.kind === 'made' ? decision.outcome : 'not_applicable';
}

async function openAttempt(saga: OrderSaga, input: OpenAttemptInput): Promise<OpenAttemptOutcome> {
  await until(() => saga.now.loading === 'none');
  saga.fold({ type: 'attemptRequested', ...input });
  const outcome = (): OpenAttemptOutcome | undefined => attemptOutcome(saga.now, input.outTradeNo);
  const answered = await until(() => isWritten(saga.now) && outcome() !== undefined, PATIENCE);
  if (answered) return outcome() ?? 'stuck';
  const others = saga.now.attempts.filter((attempt) => attempt.outTradeNo !== input.outTradeNo);
  return others.some(isUnsettled) ? 'close_pending' : 'stuck';
}

/** WeChat Pay is still asked what a charge came to. */
const isCharging = ({ attempts }: OrderState): boolean => attempts.some(({ ask }) => ask?.why === 'charge');

/** The next number tells of one that nobody could pay. */
function attemptOutcome(state: OrderState, outTradeNo: OutTradeNo): OpenAttemptOutcome | undefined {
  const asked = attemptOf(state, outTradeNo);
  if (asked !== undefined && isCharge(asked)) return chargeOutcome(state, asked);
  if (!isPayable(state) || asked === undefined) {
    return asked?.phase.state === 'failed' && asked.refusal?.isFinal === true ? 'refused' : 'not_payable';
  }
  const attempt = isUnsettled(asked) || asked.refusal?.isFinal === true ? asked : state.attempts.at(-1);
  if (attempt?.phase.state === 'open' && !attempt.prepay.isDue && attempt.closing === null) return 'opened';
  if (attempt !== undefined && isRefusedForGood(attempt)) return 'refused';
  return stuckReasonOf(state) === 'merchant_config' ? 'stuck' : undefined;
}

/** Whatever a charge came to, its row tells; only a refusal is told apart. */
function chargeOutcome(state: OrderState, attempt: Attempt): OpenAttemptOutcome | undefined {
  if (isRefusedForGood(attempt)) return 'refused';
  if (!isUnsettled(attempt)) return 'opened';
  if (!isPayable(state)) return 'not_payable';
  if (attempt.phase.state === 'open' && !isCharging(state) && attempt.closing === null) return 'opened';
  return stuckReasonOf(state) === 'merchant_config' ? 'stuck' : undefined;
}

function closeOutcome({ phase }: OrderState): CloseOutcome {
  if (phase.state === 'review') return 'review';
  return phase.state === 'paid' ? 'paid' : 'closed';
}

function statusOf(now: OrderState): OrderStatus {
  const { state, closedReason, reviewReason } = projectionOf(now);
  const explanation = explain(factsOfState(now, Date.now()));
  return { state, closedReason, reviewReason, stuckReason: stuckReasonOf(now), explain: explanation };
}
