import { setHandler } from '@temporalio/workflow';
import { explain } from '../../src/domain/explain.js';
import { factsOfState } from '../../src/domain/explain/state-facts.js';
import type { OutTradeNo } from '../../src/base/ids.js';
import { needsPerson } from '../../src/domain/order/resolve.js';
import { attemptOf, isPayable, isUnsettled, isWritten, type OrderState } from '../../src/domain/order/state.js';
import { isFinal, type ResolveAction, type ResolveOutcome } from '../../src/domain/order/states.js';
import { recheckSignal } from '../saga/messages.js';
import { until } from '../saga/saga.js';
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

/** How long a handler waits where the answer may take for ever; below the 8 s of its caller. At most ten updates may wait. */
const PATIENCE = '6 seconds';

/** Handlers fold one fact and then at most wait for the loop; they do no work of their own. */
export function listen(saga: OrderSaga): void {
  setHandler(evidenceSignal, (evidence) => saga.fold({ type: 'evidence', evidence }));
  setHandler(shopHeardSignal, (shop) => saga.fold({ type: 'shopHeard', shop }));
  setHandler(recheckSignal, () => saga.fold({ type: 'asked', why: 'recheck' }));
  setHandler(statusQuery, () => statusOf(saga.now));
  setHandler(createUpdate, async () => {
    await until(() => isWritten(saga.now) && (saga.now.state !== 'creating' || saga.now.stuckReason !== null));
    return undefined;
  });
  setHandler(closeUpdate, async () => {
    saga.fold({ type: 'closeRequested' });
    await until(() => isWritten(saga.now) && (isFinal(saga.now.state) || saga.now.state === 'review'));
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
  setHandler(resolveUpdate, (action) => resolve(saga, action));
  setHandler(openAttemptUpdate, (input) => openAttempt(saga, input));
}

async function reportFulfilment(saga: OrderSaga, outcome: 'fulfilled' | 'rejected'): Promise<FulfilmentOutcome> {
  await until(() => saga.now.loading === 'none');
  if (!saga.now.policy.fulfilment.required) return 'not_expected';
  // Whoever asks saw it paid; a run that lost its last task in a crash has yet to find out again.
  await until(() => saga.now.fulfilment !== 'none');
  saga.fold({ type: 'fulfilmentReported', outcome });
  await until(() => isWritten(saga.now));
  return saga.now.fulfilment === outcome ? 'recorded' : 'final';
}

/** One decision at a time: a second waits until WeChat Pay has answered for the first. */
async function resolve(saga: OrderSaga, action: ResolveAction): Promise<ResolveOutcome> {
  await until(() => saga.now.loading === 'none' && saga.now.resolving === null);
  // Whoever decides saw that it is needed; a run that lost its last task in a crash reads what they saw.
  if (!needsPerson(saga.now)) saga.fold({ type: 'outdated' });
  await until(() => saga.now.loading === 'none' && saga.now.resolving === null);
  saga.fold({ type: 'resolveRequested', action });
  await until(() => isWritten(saga.now) && saga.now.resolving === null);
  const outcome = saga.now.resolution ?? 'not_applicable';
  // It is decided; what follows from it may still be on its way.
  if (outcome === 'resolved') await until(() => isWritten(saga.now) && saga.now.ending === null, PATIENCE);
  return outcome;
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

/** Of a number that nobody could pay the next one tells. */
function attemptOutcome(state: OrderState, outTradeNo: OutTradeNo): OpenAttemptOutcome | undefined {
  const asked = attemptOf(state, outTradeNo);
  if (!isPayable(state) || asked === undefined) {
    return asked?.state === 'failed' && asked.refused ? 'refused' : 'not_payable';
  }
  const attempt = isUnsettled(asked) || asked.refused ? asked : state.attempts.at(-1);
  if (attempt?.state === 'open' && !attempt.wantsCode && attempt.closing === null) return 'opened';
  if (attempt?.state === 'failed' && attempt.refused && !attempt.foreign) return 'refused';
  return state.stuckReason === 'merchant_config' ? 'stuck' : undefined;
}

function closeOutcome(state: OrderState): CloseOutcome {
  if (state.state === 'review') return 'review';
  return state.state === 'paid' ? 'paid' : 'closed';
}

function statusOf(now: OrderState): OrderStatus {
  const { state, closedReason, reviewReason, stuckReason } = now;
  return { state, closedReason, reviewReason, stuckReason, explain: explain(factsOfState(now, Date.now())) };
}
