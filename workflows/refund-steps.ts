import { nextRefundStep, type RefundStep } from '../src/domain/refund/next-step.js';
import { refundProjectionOf } from '../src/domain/refund/projection.js';
import { startRefund } from './children.js';
import { durable, local } from './proxies.js';
import { isTrouble, isUnwritten, newFact, untilNews, type RefundFacts } from './facts.js';
import { createStepper, isSuperseded, type Stepper } from './step.js';
import { tell } from './tell.js';

/** Does one step of a refund and folds what came of it. */
export function createRefundRunner(facts: RefundFacts): (step: RefundStep) => Promise<void> {
  const stepper = createStepper();
  return async (step) => {
    switch (step.kind) {
      case 'project':
        return project(facts, stepper);
      case 'tell':
        await tell(stepper, step.event, facts);
        facts.fold({ type: 'told', event: step.event });
        return;
      case 'apply':
        return apply(facts, stepper);
      case 'query':
        return query(facts, stepper);
      case 'abnormalRefund':
        return abnormalRefund(facts);
      case 'reissue':
        return reissue(facts);
      case 'wait':
        return newFact(facts, step.untilMs);
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
  const { applied, facts: standing, events } = written;
  facts.fold(applied ? { type: 'projected', projection, events } : { type: 'overtaken', facts: standing });
}

/** Given up for evidence: then the query comes first, and the same apply only if WeChat Pay does not know it. */
async function apply(facts: RefundFacts, step: Stepper): Promise<void> {
  const reply = await step({
    durable: () => durable('money', `refund ${facts.now.outRefundNo}`).applyRefund(refundInput(facts)),
    ...givenUpFor(facts, 'apply'),
  });
  if (isSuperseded(reply) || isTrouble(facts, reply)) return;
  const { earlierUnknown, ...answer } = reply.answer;
  facts.fold({ type: 'refundApplied', answer, earlierUnknown });
}

async function query(facts: RefundFacts, step: Stepper): Promise<void> {
  const summary = `query ${facts.now.outRefundNo}`;
  const reply = await step({
    durable: () => durable('wechat', summary).queryRefund(refundInput(facts)),
    ...givenUpFor(facts, 'query'),
  });
  if (isSuperseded(reply) || isTrouble(facts, reply)) return;
  facts.fold({ type: 'refundQueried', answer: reply.answer });
}

async function abnormalRefund(facts: RefundFacts): Promise<void> {
  const { refundId } = facts.now;
  const summary = `abnormal refund ${facts.now.outRefundNo}`;
  const reply = await durable('money', summary).abnormalRefund({ ...refundInput(facts), refundId });
  if (!isTrouble(facts, reply)) facts.fold({ type: 'abnormalRefundAnswered', answer: reply.answer });
}

async function reissue(facts: RefundFacts): Promise<void> {
  const { mchid, outRefundNo } = facts.now;
  const successor = await durable('order', 'reissue').reserveReissue({ mchid, outRefundNo });
  if (successor !== null) {
    const { language } = facts;
    await startRefund({ mchid, outRefundNo: successor.outRefundNo, language }, successor.amountFen);
  }
  facts.fold({ type: 'reissued', outcome: successor === null ? 'not_allowed' : 'resolved' });
}

const refundInput = (facts: RefundFacts) => {
  const { mchid, orderNo, outTradeNo, outRefundNo, trouble: told } = facts.now;
  return { mchid, orderNo, outTradeNo, outRefundNo, patience: 'durable', told } as const;
};

const givenUpFor = (facts: RefundFacts, kind: RefundStep['kind']) => ({
  superseded: () => nextRefundStep(facts.now, Date.now())?.kind !== kind,
});
