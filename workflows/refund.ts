import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  makeContinueAsNewFunc,
  setHandler,
} from '@temporalio/workflow';
import { nextRefundStep } from '../src/domain/refund/next-step.js';
import type { RefundState } from '../src/domain/refund/state.js';
import type { RefundResolveAction, RefundResolveOutcome } from '../src/domain/refund/states.js';
import { refundTransition } from '../src/domain/refund/transition.js';
import { keep, type RefundFacts } from './facts.js';
import {
  recheckSignal,
  refundEvidenceSignal,
  refundResolveUpdate,
  refundStatusQuery,
  WORKFLOW_TASK_TIMEOUT,
  type RefundInput,
} from './messages.js';
import { durable, local } from './proxies.js';
import { startRefund } from './children.js';
import { firstOutTradeNo, type OrderNo } from '../src/base/ids.js';
import type { Trouble } from '../src/domain/order/trouble.js';
import { createRefundPoller } from './refund-poll.js';
import { createRefundRunner } from './refund-steps.js';
import { createRefundVisibility } from './refund-visibility.js';
import { createRenewal } from './renewal.js';
import { createStepper, isSuperseded, type Stepper } from './step.js';

/** One refund, from its reserved row to a final state: same number and same parameters for ever, query before repeating. */
export async function refund(input: RefundInput): Promise<void> {
  const early = { isAsked: false };
  let facts: RefundFacts | null = null;
  const ask = (type: 'evidence' | 'asked') => (): void => {
    if (facts === null) early.isAsked = true;
    else facts.fold({ type });
  };
  setHandler(refundEvidenceSignal, ask('evidence'));
  setHandler(recheckSignal, ask('asked'));
  setHandler(refundResolveUpdate, async (action) => {
    await condition(() => facts !== null);
    return facts === null ? 'not_applicable' : resolve(facts, action);
  });
  setHandler(refundStatusQuery, () => facts?.now ?? null);
  await CancellationScope.nonCancellable(async () => {
    const stepper = createStepper();
    const loaded = await load(input, stepper);
    if (loaded === null) return;
    facts = keep(loaded, input.language, refundTransition);
    if (early.isAsked || input.isAsked === true) facts.fold({ type: 'evidence' });
    await live(input, facts, stepper);
  });
}

async function live(input: RefundInput, facts: RefundFacts, stepper: Stepper): Promise<void> {
  const poller = createRefundPoller(facts);
  const visibility = createRefundVisibility(input.language);
  const renewal = createRenewal();
  const run = createRefundRunner(facts, stepper, renewal);
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
    if (
      (!facts.now.changed || facts.now.unwritten) &&
      (renewal.isOver() || (step.kind === 'wait' && renewal.isFree()))
    ) {
      await inNewRun({ ...input, isAsked: facts.now.ask !== null || facts.now.unwritten });
    }
    if (step.kind === 'wait') poller.poll(step.poll ? facts.now.state : null);
    await run(step);
  }
}

/** Null: WeChat Pay knows no such refund of this order, so that there is nothing to follow. */
async function load(input: RefundInput, step: Stepper): Promise<RefundState | null> {
  const { mchid, outRefundNo, externalOf } = input;
  const loaded = await step({
    local: () => local('load').loadRefund({ mchid, outRefundNo }),
    durable: () => durable('order', 'load').loadRefund({ mchid, outRefundNo }),
  });
  if (loaded === null && externalOf !== undefined) return external(input, externalOf);
  if (loaded === null || isSuperseded(loaded)) {
    throw ApplicationFailure.nonRetryable('the refund has no row', 'refund_not_found');
  }
  return loaded;
}

/** Somebody else's: written as WeChat Pay says it is, whatever it takes to hear that. */
async function external({ mchid, outRefundNo, language }: RefundInput, orderNo: OrderNo): Promise<RefundState | null> {
  const asked = {
    mchid,
    orderNo,
    outTradeNo: firstOutTradeNo(orderNo),
    outRefundNo,
    patience: 'durable',
  } as const;
  let told: Trouble | null = null;
  for (;;) {
    const reply = await durable('wechat', `external refund ${outRefundNo}`).recordExternalRefund({
      ...asked,
      told,
      isAsked: told === null,
    });
    if (reply.kind === 'trouble') {
      told = reply.reason;
      continue;
    }
    const { facts, successor } = reply.answer;
    if (successor !== null)
      await startRefund({ mchid, outRefundNo: successor.outRefundNo, language }, successor.amountFen);
    return facts;
  }
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
