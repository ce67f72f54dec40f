import {
  allHandlersFinished,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  isCancellation,
} from '@temporalio/workflow';
import { firstOutTradeNo } from '../src/base/ids.js';
import { nextStep } from '../src/domain/order/next-step.js';
import { isWritten, newAttempt, newOrder, NO_MONEY, type OrderState } from '../src/domain/order/state.js';
import { transition } from '../src/domain/order/transition.js';
import { keep, type Facts } from './facts.js';
import { WORKFLOW_TASK_TIMEOUT, type OrderInput } from './messages.js';
import { listen } from './order-handlers.js';
import { createRunner } from './order-steps.js';
import { createRenewal } from './renewal.js';
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
  const renewal = createRenewal();
  const run = createRunner(facts, renewal);
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
    // What Postgres refuses is found out anew: no state keeps a run from ending.
    const { unwritten } = facts.now;
    const mayEnd = isWritten(facts.now) || unwritten;
    if (mayEnd && (renewal.isOver() || (step.kind === 'wait' && renewal.isFree()))) {
      await inNewRun(resumed(input, facts.now));
    }
    if (step.kind === 'wait') poller.poll(step.poll);
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
  const attempts = [newAttempt(firstOutTradeNo(orderNo), product, appid)];
  return newOrder({ mchid, orderNo, amountFen, createdAtMs, deadlineMs, policy, attempts });
}

/** Cancelling the workflow is the request to close the order; the order itself decides how it ends. */
function closeWhenCancelled(facts: Facts): void {
  CancellationScope.current().cancelRequested.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
    facts.fold({ type: 'closeRequested' });
  });
}

/** All that this order knows stands in Postgres, but for what it was just asked. */
function resumed({ mchid, orderNo, language }: OrderInput, { attempts, unwritten }: OrderState): OrderInput {
  const recheck = unwritten || attempts.some(({ ask }) => ask === 'sync' || ask === 'recheck');
  return { mchid, orderNo, language, resume: true, recheck };
}

/** A history that has grown long goes on in a new run, from Postgres. */
const inNewRun = (input: OrderInput): Promise<never> =>
  makeContinueAsNewFunc<typeof order>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT })(input);
