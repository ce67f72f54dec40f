import {
  allHandlersFinished,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { outTradeNoOf } from '../src/domain/ids.js';
import { nextStep } from '../src/domain/order/next-step.js';
import { isDoubted, newAttempt, newOrder, NO_MONEY, type OrderState } from '../src/domain/order/state.js';
import { transition } from '../src/domain/order/transition.js';
import { keep, type Facts } from './facts.js';
import { WORKFLOW_TASK_TIMEOUT, type OrderInput } from './messages.js';
import { listen } from './order-handlers.js';
import { createRunner } from './order-steps.js';
import { createOrderPoller } from './order-poll.js';
import { createVisibility } from './visibility.js';

/**
 * One order, from the first prepay to a final state. All it does follows from `nextStep` of the facts folded so far; whatever
 * arrives, by signal, update, activity or clock, is only folded.
 */
export async function order(input: OrderInput): Promise<void> {
  const facts = keep(factsOf(input), input.language, transition);
  listen(facts);
  closeWhenCancelled(facts);
  await CancellationScope.nonCancellable(() => live(input, facts));
}

async function live(input: OrderInput, facts: Facts): Promise<void> {
  const poller = createOrderPoller(facts);
  const visibility = createVisibility(input.language);
  const run = createRunner(facts);
  for (;;) {
    const step = nextStep(facts.now, Date.now());
    // What is shown is what readers of Postgres see too.
    if (!facts.now.changed || facts.now.unwritten) visibility.show(facts.now);
    if (step === undefined) {
      const isOver = (): boolean => nextStep(facts.now, Date.now()) === undefined;
      // A handler may give this loop something to do, and wait for that.
      await condition(() => allHandlersFinished() || !isOver());
      // Nothing is awaited between this look and the return: a fact folded meanwhile is seen.
      if (isOver()) return;
      continue;
    }
    if (step.kind === 'wait') {
      poller.poll(step.poll);
      await continueInNewRun(input, facts);
    }
    await run(step);
  }
}

function factsOf(input: OrderInput): OrderState {
  const { mchid, orderNo } = input;
  if (input.resume) {
    const times = { createdAtMs: Date.now(), deadlineMs: Date.now() };
    const unknown = newOrder({ mchid, orderNo, amountFen: NO_MONEY, attempts: [], ...times });
    return { ...unknown, loading: input.recheck ? 'all' : 'facts' };
  }
  const { amountFen, createdAtMs, deadlineMs, product, appid, policy } = input;
  const attempts = [newAttempt(outTradeNoOf(orderNo, 1), product, appid)];
  return newOrder({ mchid, orderNo, amountFen, createdAtMs, deadlineMs, policy, attempts });
}

/** Cancelling the workflow is the request to close the order; the order itself decides how it ends. */
function closeWhenCancelled(facts: Facts): void {
  CancellationScope.current().cancelRequested.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
    facts.fold({ type: 'closeRequested' });
  });
}

/** A history that has grown long starts afresh from Postgres, at a moment when nothing is known that Postgres does not hold. */
async function continueInNewRun(input: OrderInput, facts: Facts): Promise<void> {
  if (!workflowInfo().continueAsNewSuggested || !allHandlersFinished()) return;
  const { ending, resolving, attempts } = facts.now;
  if (ending !== null || resolving !== null || attempts.some(isDoubted)) return;
  const { mchid, orderNo, language } = input;
  await inNewRun({ mchid, orderNo, language, resume: true, recheck: false });
}

const inNewRun = (input: OrderInput): Promise<never> =>
  makeContinueAsNewFunc<typeof order>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT })(input);
