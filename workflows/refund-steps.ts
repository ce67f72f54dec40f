import { nextRefundStep, type RefundStep } from '../src/domain/refund/next-step.js';
import { refundProjectionOf } from '../src/domain/refund/projection.js';
import { startRefund } from './children.js';
import { durable, local } from './proxies.js';
import { isTrouble, isUnwritten, newFact, untilNews, type RefundFacts } from './facts.js';
import type { Renewal } from './renewal.js';
import { createAsking, isSuperseded, type Asking, type Stepper } from './step.js';
import { tell } from './tell.js';

/** Does one step of a refund and folds what came of it. */
export function createRefundRunner(
  facts: RefundFacts,
  stepper: Stepper,
  renewal: Renewal,
): (step: RefundStep) => Promise<void> {
  const asking = createAsking();
  return async (step) => {
    switch (step.kind) {
      case 'project':
        return project(facts, stepper);
      case 'tell':
        await tell(stepper, step.event, facts);
        facts.fold({ type: 'told', event: step.event });
        return;
      case 'apply':
        return apply(facts, stepper, renewal);
      case 'query':
        return query(facts, { stepper, asking, renewal });
      case 'abnormalRefund':
        return abnormalRefund(facts, stepper, renewal);
      case 'reissue':
        return reissue(facts, stepper);
      case 'wait':
        return newFact(facts, step.untilMs, renewal);
      default:
        return step satisfies never;
    }
  };
}

async function project(facts: RefundFacts, step: Stepper): Promise<void> {
  const projection = refundProjectionOf(facts.now);
  const summary = `project ${projection.state}`;
  const input = { ...projection, told: facts.now.unwritten };
  const written = await step({
    ...untilNews(facts, () => local(summary).projectRefund(input)),
    durable: () => durable('order', summary).projectRefund(input),
  });
  if (isSuperseded(written) || isUnwritten(facts, written)) return;
  const { applied, facts: standing, events, successor } = written;
  if (successor !== null) {
    const { outRefundNo, amountFen } = successor;
    await startRefund({ mchid: facts.now.mchid, outRefundNo, language: facts.language }, amountFen);
  }
  facts.fold(applied ? { type: 'projected', projection, events } : { type: 'overtaken', facts: standing });
}

/** Given up for evidence: then the query comes first, and the same apply only if WeChat Pay does not know it. */
async function apply(facts: RefundFacts, step: Stepper, renewal: Renewal): Promise<void> {
  const reply = await step({
    durable: () => durable('money', `refund ${facts.now.outRefundNo}`).applyRefund(unanswered(facts)),
    ...givenUpFor(facts, 'apply', renewal),
  });
  if (isSuperseded(reply) || isTrouble(facts, reply)) return;
  const { earlierUnknown, ...answer } = reply.answer;
  facts.fold({ type: 'refundApplied', answer, earlierUnknown });
}

async function query(
  facts: RefundFacts,
  { stepper, asking, renewal }: { readonly stepper: Stepper; readonly asking: Asking; readonly renewal: Renewal },
): Promise<void> {
  const { outRefundNo, reason, resolving, nextAskMs } = facts.now;
  const question = [reason, resolving, nextAskMs].join();
  const isAsked = (reason === 'person' || resolving !== null) && asking.isFirst(question);
  const summary = `query ${outRefundNo}`;
  const reply = await stepper({
    durable: () => durable('wechat', summary).queryRefund(unanswered(facts, isAsked)),
    ...givenUpFor(facts, 'query', renewal),
  });
  if (isSuperseded(reply) || isTrouble(facts, reply)) return;
  asking.over(question);
  facts.fold({ type: 'refundQueried', answer: reply.answer });
}

/** Nothing but the end of this run stops it: it may have begun. */
async function abnormalRefund(facts: RefundFacts, step: Stepper, renewal: Renewal): Promise<void> {
  const { refundId } = facts.now;
  const summary = `abnormal refund ${facts.now.outRefundNo}`;
  const reply = await step({
    durable: () => durable('money', summary).abnormalRefund({ ...unanswered(facts), refundId }),
    superseded: () => renewal.isOver(),
    wakesAtMs: () => renewal.endsAtMs(),
  });
  if (isSuperseded(reply) || isTrouble(facts, reply)) return;
  facts.fold({ type: 'abnormalRefundAnswered', answer: reply.answer });
}

async function reissue(facts: RefundFacts, step: Stepper): Promise<void> {
  const seen = facts.now;
  const { mchid, orderNo, outRefundNo, unwritten: told } = seen;
  const successor = await step({
    durable: () => durable('order', 'reissue').reserveReissue({ mchid, orderNo, outRefundNo, told }),
    superseded: () => told && facts.now !== seen,
  });
  if (successor !== null) {
    if (isSuperseded(successor) || isUnwritten(facts, successor)) return;
    const { language } = facts;
    await startRefund({ mchid, outRefundNo: successor.outRefundNo, language }, successor.amountFen);
  }
  facts.fold({ type: 'reissued', outcome: successor === null ? 'not_allowed' : 'resolved' });
}

/** From here on the refund waits for WeChat Pay, however often the call is given up and made again. */
function unanswered(facts: RefundFacts, isAsked = false) {
  facts.fold({ type: 'unanswered' });
  const { mchid, orderNo, outTradeNo, outRefundNo, trouble: told, unansweredSinceMs } = facts.now;
  return { mchid, orderNo, outTradeNo, outRefundNo, patience: 'durable', told, isAsked, unansweredSinceMs } as const;
}

/** Given up for whatever else is to be done, and made again at once when something new was heard. */
function givenUpFor(facts: RefundFacts, kind: RefundStep['kind'], renewal: Renewal) {
  const { ask, reason, nextAskMs } = facts.now;
  const isAskedAnew = (): boolean =>
    facts.now.ask !== ask || facts.now.reason !== reason || facts.now.nextAskMs !== nextAskMs;
  return {
    superseded: () => nextRefundStep(facts.now, Date.now())?.kind !== kind || isAskedAnew() || renewal.isOver(),
    wakesAtMs: () => renewal.endsAtMs(),
  };
}
