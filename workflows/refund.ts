import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { nextRefundStep } from '../src/domain/refund/next-step.js';
import type { RefundState } from '../src/domain/refund/state.js';
import type { RefundResolveAction, RefundResolveOutcome } from '../src/domain/refund/states.js';
import { refundTransition } from '../src/domain/refund/transition.js';
import { keep, type RefundFacts } from './facts.js';
import {
  refundEvidenceSignal,
  refundResolveUpdate,
  refundStatusQuery,
  WORKFLOW_TASK_TIMEOUT,
  type RefundInput,
} from './messages.js';
import { durable, local } from './proxies.js';
import { createRefundPoller } from './refund-poll.js';
import { createRefundRunner } from './refund-steps.js';
import { createRefundVisibility } from './refund-visibility.js';
import { createStepper, isSuperseded } from './step.js';

/** One refund, from its reserved row to a final state: same number and same parameters for ever, query before repeating. */
export async function refund(input: RefundInput): Promise<void> {
  const early = { isAsked: false };
  let facts: RefundFacts | null = null;
  setHandler(refundEvidenceSignal, () => {
    if (facts === null) early.isAsked = true;
    else facts.fold({ type: 'evidence' });
  });
  setHandler(refundResolveUpdate, async (action) => {
    await condition(() => facts !== null);
    return facts === null ? 'not_applicable' : resolve(facts, action);
  });
  setHandler(refundStatusQuery, () => facts?.now ?? null);
  await CancellationScope.nonCancellable(async () => {
    facts = keep(await load(input), input.language, refundTransition);
    if (early.isAsked) facts.fold({ type: 'evidence' });
    await live(input, facts);
  });
}

async function live(input: RefundInput, facts: RefundFacts): Promise<void> {
  const poller = createRefundPoller(facts);
  const visibility = createRefundVisibility(input.language);
  const run = createRefundRunner(facts);
  for (;;) {
    const step = nextRefundStep(facts.now, Date.now());
    if (!facts.now.changed || facts.now.unwritten) visibility.show(facts.now);
    if (step === undefined) {
      const isOver = (): boolean => nextRefundStep(facts.now, Date.now()) === undefined;
      // A decision about an ended refund begins only once its row was read, and then waits for this loop.
      await condition(() => allHandlersFinished() || !isOver());
      // Nothing is awaited between this look and the return: a fact folded meanwhile is seen.
      if (isOver()) return;
      continue;
    }
    if (step.kind === 'wait') {
      poller.poll(step.poll ? facts.now.state : null);
      if (workflowInfo().continueAsNewSuggested && allHandlersFinished()) await inNewRun(input);
    }
    await run(step);
  }
}

async function load({ mchid, outRefundNo }: RefundInput): Promise<RefundState> {
  const loaded = await createStepper()({
    local: () => local('load').loadRefund({ mchid, outRefundNo }),
    durable: () => durable('order', 'load').loadRefund({ mchid, outRefundNo }),
  });
  if (loaded === null || isSuperseded(loaded)) {
    throw ApplicationFailure.nonRetryable('the refund has no row', 'refund_not_found');
  }
  return loaded;
}

/** One decision at a time; what it comes to is written before it is answered. */
async function resolve(facts: RefundFacts, action: RefundResolveAction): Promise<RefundResolveOutcome> {
  await condition(() => facts.now.resolving === null && facts.now.task === null);
  facts.fold({ type: 'resolveRequested', action });
  await condition(() => !facts.now.changed && facts.now.resolving === null && facts.now.task === null);
  return facts.now.resolution ?? 'not_applicable';
}

const inNewRun = (input: RefundInput): Promise<never> =>
  makeContinueAsNewFunc<typeof refund>({ workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT })(input);
