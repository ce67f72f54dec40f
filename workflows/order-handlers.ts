import type { Duration } from '@temporalio/common';
import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { explain } from '../src/domain/explain.js';
import { factsOfState } from '../src/domain/explain/state-facts.js';
import type { OutTradeNo } from '../src/base/ids.js';
import { needsPerson } from '../src/domain/order/resolve.js';
import { attemptOf, isPayable, isUnsettled, isWritten, type OrderState } from '../src/domain/order/state.js';
import { isFinal, type ResolveAction, type ResolveOutcome } from '../src/domain/order/states.js';
import type { Facts } from './facts.js';
import {
  closeUpdate,
  createUpdate,
  evidenceSignal,
  extendDeadlineUpdate,
  fulfilmentUpdate,
  openAttemptUpdate,
  recheckSignal,
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

/** How long a handler waits where the answer may take for ever; below the 8 s of its caller. At most ten updates may wait. */
const PATIENCE = '6 seconds';

/** Handlers fold one fact and then at most wait for the loop; they do no work of their own. */
export function listen(facts: Facts): void {
  setHandler(evidenceSignal, (evidence) => facts.fold({ type: 'evidence', evidence }));
  setHandler(shopHeardSignal, (shop) => facts.fold({ type: 'shopHeard', shop }));
  setHandler(recheckSignal, () => facts.fold({ type: 'asked', why: 'recheck' }));
  setHandler(statusQuery, () => statusOf(facts.now));
  setHandler(createUpdate, async () => {
    await until(() => isWritten(facts.now) && (facts.now.state !== 'creating' || facts.now.stuckReason !== null));
    return undefined;
  });
  setHandler(closeUpdate, async () => {
    facts.fold({ type: 'closeRequested' });
    await until(() => isWritten(facts.now) && (isFinal(facts.now.state) || facts.now.state === 'review'));
    return closeOutcome(facts.now);
  });
  setHandler(syncUpdate, async () => {
    facts.fold({ type: 'asked', why: 'sync' });
    const answered = (): boolean => isWritten(facts.now) && facts.now.attempts.every(({ ask }) => ask === null);
    return (await until(answered, PATIENCE)) ? 'answered' : 'pending';
  });
  setHandler(extendDeadlineUpdate, async ({ untilMs }) => {
    await until(() => facts.now.loading === 'none');
    if (!isPayable(facts.now)) return 'not_open';
    facts.fold({ type: 'deadlineMoved', untilMs });
    await until(() => isWritten(facts.now));
    return 'extended';
  });
  setHandler(fulfilmentUpdate, (outcome) => reportFulfilment(facts, outcome));
  setHandler(resolveUpdate, (action) => resolve(facts, action));
  setHandler(openAttemptUpdate, (input) => openAttempt(facts, input));
}

async function reportFulfilment(facts: Facts, outcome: 'fulfilled' | 'rejected'): Promise<FulfilmentOutcome> {
  await until(() => facts.now.loading === 'none');
  if (!facts.now.policy.fulfilment.required) return 'not_expected';
  // Whoever asks saw it paid; a run that lost its last task in a crash has yet to find out again.
  await until(() => facts.now.fulfilment !== 'none');
  facts.fold({ type: 'fulfilmentReported', outcome });
  await until(() => isWritten(facts.now));
  return facts.now.fulfilment === outcome ? 'recorded' : 'final';
}

/** One decision at a time: a second waits until WeChat Pay has answered for the first. */
async function resolve(facts: Facts, action: ResolveAction): Promise<ResolveOutcome> {
  await until(() => facts.now.loading === 'none' && facts.now.resolving === null);
  // Whoever decides saw that it is needed; a run that lost its last task in a crash reads what they saw.
  if (!needsPerson(facts.now)) facts.fold({ type: 'outdated' });
  await until(() => facts.now.loading === 'none' && facts.now.resolving === null);
  facts.fold({ type: 'resolveRequested', action });
  await until(() => isWritten(facts.now) && facts.now.resolving === null);
  const outcome = facts.now.resolution ?? 'not_applicable';
  // It is decided; what follows from it may still be on its way.
  if (outcome === 'resolved') await until(() => isWritten(facts.now) && facts.now.ending === null, PATIENCE);
  return outcome;
}

async function openAttempt(facts: Facts, input: OpenAttemptInput): Promise<OpenAttemptOutcome> {
  await until(() => facts.now.loading === 'none');
  facts.fold({ type: 'attemptRequested', ...input });
  const outcome = (): OpenAttemptOutcome | undefined => attemptOutcome(facts.now, input.outTradeNo);
  const answered = await until(() => isWritten(facts.now) && outcome() !== undefined, PATIENCE);
  if (answered) return outcome() ?? 'stuck';
  const others = facts.now.attempts.filter((attempt) => attempt.outTradeNo !== input.outTradeNo);
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

/** Cancelling the workflow asks the order to close; whoever waits for an answer still gets it. False when time ran out. */
function until(met: () => boolean, timeout?: Duration): Promise<boolean> {
  return CancellationScope.nonCancellable(async () => {
    if (timeout !== undefined) return condition(met, timeout);
    await condition(met);
    return true;
  });
}

function closeOutcome(state: OrderState): CloseOutcome {
  if (state.state === 'review') return 'review';
  return state.state === 'paid' ? 'paid' : 'closed';
}

function statusOf(now: OrderState): OrderStatus {
  const { state, closedReason, reviewReason, stuckReason } = now;
  return { state, closedReason, reviewReason, stuckReason, explain: explain(factsOfState(now, Date.now())) };
}
