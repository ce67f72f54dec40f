import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { OutTradeNo } from '../src/domain/ids.js';
import type { OrderEvent } from '../src/domain/order/events.js';
import { completed } from '../src/domain/order/loaded.js';
import { nextStep, wakesAtMs as nextWakeMs, type Step } from '../src/domain/order/next-step.js';
import { projectionOf } from '../src/domain/order/projection.js';
import { attemptOf, type OrderState } from '../src/domain/order/state.js';
import { startRefund } from './children.js';
import { isTrouble, isUnwritten, newFact, untilNews, type Facts } from './facts.js';
import { durable, local, once } from './proxies.js';
import type { Renewal } from './renewal.js';
import { createAsking, createStepper, isSuperseded, type Asking, type Stepper } from './step.js';
import { tell } from './tell.js';

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

/** Does one step and folds what came of it. */
export function createRunner(facts: Facts, renewal: Renewal): (step: Step) => Promise<void> {
  const stepper = createStepper();
  const asking = createAsking();
  return async (step) => {
    switch (step.kind) {
      case 'load':
        return load(facts, stepper);
      case 'project':
        return project(facts, stepper);
      case 'prepay':
        return prepay(facts, { stepper, asking, renewal }, step);
      case 'nextNumber':
        return nextNumber(facts, stepper, step);
      case 'query':
        return query(facts, { stepper, asking, renewal }, step);
      case 'close':
        return close(facts, { stepper, asking, renewal }, step);
      case 'tell':
        facts.fold({ type: 'told', event: step.event, outcome: await tell(stepper, step.event, facts) });
        return;
      case 'return':
        return giveBack(facts, stepper, step);
      case 'overdue':
        return timeIsOver(facts, stepper, step.kind, { type: 'fulfilmentDue' });
      case 'expire':
        return timeIsOver(facts, stepper, step.kind, { type: 'deadlineReached' });
      case 'overlong':
        facts.fold({ type: 'overlong' });
        return;
      case 'wait':
        return newFact(facts, step.untilMs, renewal);
      default:
        return step satisfies never;
    }
  };
}

async function load(facts: Facts, step: Stepper): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const loaded = await step({
    local: () => local('load').loadOrder({ mchid, orderNo }),
    durable: () => durable('order', 'load').loadOrder({ mchid, orderNo }),
  });
  if (loaded === null) throw ApplicationFailure.nonRetryable('the order has no row', 'order_not_found');
  if (!isSuperseded(loaded)) facts.fold({ type: 'loaded', facts: completed(loaded) });
}

/** Readers see it before anything else happens. If Postgres stands further on, these facts are read anew from there. */
async function project(facts: Facts, step: Stepper): Promise<void> {
  const projection = projectionOf(facts.now);
  const summary = `project ${projection.state}`;
  const input = { ...projection, told: facts.now.unwritten };
  const written = await step({
    ...untilNews(facts, () => local(summary).projectOrder(input)),
    durable: () => durable('order', summary).projectOrder(input),
  });
  if (isSuperseded(written) || isUnwritten(facts, written)) return;
  const { applied, events } = written;
  facts.fold(applied ? { type: 'projected', projection, events } : { type: 'overtaken' });
}

/** Reserved in Postgres first, then a workflow of its own: whatever happens in between, the sweeper finds the row. */
async function giveBack(facts: Facts, step: Stepper, { outTradeNo, cause }: StepOf<'return'>): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const summary = `return ${outTradeNo}`;
  const input = { mchid, orderNo, outTradeNo, cause, told: facts.now.unwritten };
  const reserved = await step({
    ...untilNews(facts, () => local(summary).reserveReturn(input)),
    durable: () => durable('order', summary).reserveReturn(input),
  });
  if (isSuperseded(reserved) || isUnwritten(facts, reserved)) return;
  if (reserved.kind === 'reserved') {
    const { outRefundNo, amountFen } = reserved;
    await startRefund({ mchid, outRefundNo, language: facts.language }, amountFen);
  }
  facts.fold({ type: 'returned', outTradeNo, outcome: reserved.kind === 'reserved' ? 'started' : reserved.kind });
}

/** What somebody said in time, and this order could not be told, counts before it is too late. */
async function timeIsOver(facts: Facts, step: Stepper, kind: Step['kind'], over: OrderEvent): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const unheard = await step({
    local: () => local('look for requests').unheard({ mchid, orderNo }),
    durable: () => durable('order', 'look for requests').unheard({ mchid, orderNo }),
  });
  if (isSuperseded(unheard)) return;
  for (const event of unheard) facts.fold(event);
  if (nextStep(facts.now, Date.now())?.kind === kind) facts.fold(over);
}

type Calling = { readonly stepper: Stepper; readonly asking: Asking; readonly renewal: Renewal };

async function prepay(facts: Facts, { stepper, asking, renewal }: Calling, call: StepOf<'prepay'>): Promise<void> {
  const { outTradeNo } = call;
  const isAsked = asking.isFirst(questionOf(facts.now, call));
  facts.fold({ type: 'prepayStarted', outTradeNo });
  const summary = `prepay ${outTradeNo}`;
  const codeExpiresAtMs = attemptOf(facts.now, outTradeNo)?.codeExpiresAtMs ?? null;
  const input = { outTradeNo, codeExpiresAtMs };
  const reply = await stepper({
    ...localTry(facts, () => local(summary).prepay({ ...gatewayInput(facts, 'brief', isAsked), ...input })),
    durable: (isSent) => durable('wechat', summary).prepay({ ...unanswered(facts, isAsked && !isSent), ...input }),
    ...givenUpFor(facts, call, renewal),
  });
  if (isSuperseded(reply)) facts.fold({ type: 'prepayAbandoned', outTradeNo });
  else if (!isTrouble(facts, reply)) facts.fold({ type: 'prepayAnswered', outTradeNo, ...reply.answer });
}

/** Reserved once in Postgres, whoever asks again. */
async function nextNumber(facts: Facts, step: Stepper, { after }: StepOf<'nextNumber'>): Promise<void> {
  const { mchid, orderNo } = facts.now;
  const summary = `next number after ${after}`;
  const input = { mchid, orderNo, after, told: facts.now.unwritten };
  const reserved = await step({
    ...untilNews(facts, () => local(summary).reserveNextAttempt(input)),
    durable: () => durable('order', summary).reserveNextAttempt(input),
  });
  if (!isSuperseded(reserved) && !isUnwritten(facts, reserved))
    facts.fold({ type: 'nextReserved', outTradeNo: reserved.outTradeNo });
}

async function query(facts: Facts, { stepper, asking, renewal }: Calling, call: StepOf<'query'>): Promise<void> {
  const { outTradeNo } = call;
  const question = questionOf(facts.now, call);
  const isAsked = isAskedFor(facts.now, outTradeNo) && asking.isFirst(question);
  const summary = `query ${outTradeNo}`;
  const reply = await stepper({
    ...localTry(facts, () => local(summary).queryTrade({ ...gatewayInput(facts, 'brief', isAsked), outTradeNo })),
    durable: (isSent) =>
      durable('wechat', summary).queryTrade({ ...unanswered(facts, isAsked && !isSent), outTradeNo }),
    ...givenUpFor(facts, call, renewal),
  });
  if (isSuperseded(reply) || isTrouble(facts, reply)) return;
  if (attemptOf(facts.now, outTradeNo)?.ask != null) asking.over(question);
  facts.fold({ type: 'tradeAnswered', outTradeNo, answer: reply.answer });
}

/** One try: a query tells what became of it, and finds money that came instead. */
async function close(facts: Facts, { stepper, asking, renewal }: Calling, call: StepOf<'close'>): Promise<void> {
  const { outTradeNo } = call;
  const isAsked = isClosingAsked(facts.now, outTradeNo) && asking.isFirst(questionOf(facts.now, call));
  const summary = `close ${outTradeNo}`;
  const reply = await stepper({
    durable: () =>
      once('money', summary)
        .closeTrade({ ...unanswered(facts, isAsked), outTradeNo })
        .catch(silence),
    ...givenUpFor(facts, call, renewal),
  });
  if (!isSuperseded(reply)) {
    const { outcome: kind, ...said } = reply;
    facts.fold({ type: 'closeAnswered', outTradeNo, kind, ...said });
  }
}

function silence(error: unknown): { outcome: 'unanswered' } {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  return { outcome: 'unanswered' };
}

const gatewayInput = (facts: Facts, patience: 'brief' | 'durable', isAsked: boolean) => {
  const { mchid, orderNo, trouble: told, unansweredSinceMs } = facts.now;
  return { mchid, orderNo, patience, told, isAsked, unansweredSinceMs };
};

/** From here on the order waits for WeChat Pay, however often the call is given up and made again. */
function unanswered(facts: Facts, isAsked: boolean): ReturnType<typeof gatewayInput> {
  facts.fold({ type: 'unanswered' });
  return gatewayInput(facts, 'durable', isAsked);
}

/** A gateway in known trouble is not worth a local try. */
const localTry = <Answer>(facts: Facts, call: () => Promise<Answer>): { local?: () => Promise<Answer> } =>
  facts.now.trouble === null ? { local: call } : {};

type GatewayStep = StepOf<'prepay' | 'query' | 'close'>;

/**
 * A call that hangs, or waits for its next try, is given up as soon as the order has something else to do, and made again at once
 * when something new is asked about the same number.
 */
function givenUpFor(facts: Facts, call: GatewayStep, renewal: Renewal) {
  const asked = questionsOf(facts.now, call.outTradeNo);
  const superseded = (): boolean => {
    const next = nextStep(facts.now, Date.now());
    const isSame = next?.kind === call.kind && next.outTradeNo === call.outTradeNo;
    return !isSame || questionsOf(facts.now, call.outTradeNo) !== asked || renewal.isOver();
  };
  const wakesAtMs = (): number | null => {
    const nowMs = Date.now();
    const times = [nextWakeMs(facts.now, call, nowMs), renewal.endsAtMs()].filter(
      (time) => time !== null && time > nowMs,
    );
    return times.length === 0 ? null : Math.min(...times.map(Number));
  };
  return { superseded, wakesAtMs };
}

/** A person or the shop waits for its answer; a deadline, a poll and a notify can wait their turn. */
function isAskedFor(state: OrderState, outTradeNo: OutTradeNo): boolean {
  const ask = attemptOf(state, outTradeNo)?.ask ?? null;
  return (ask !== null && ask !== 'settle') || isClosingAsked(state, outTradeNo);
}

/** Also to find out why there is no code yet for an order that is being created. */
const isClosingAsked = (state: OrderState, outTradeNo: OutTradeNo): boolean =>
  attemptOf(state, outTradeNo)?.closing?.askedAtMs != null || state.state === 'creating';

/** What a call is made for: while that is the same, somebody has asked for it once. A code is always for somebody who waits. */
function questionOf(state: OrderState, { kind, outTradeNo }: GatewayStep): string {
  const attempt = attemptOf(state, outTradeNo);
  const { ask = null, askedAtMs, closing = null, codeExpiresAtMs } = attempt ?? {};
  const of = kind === 'prepay' ? [codeExpiresAtMs] : [closing?.next, closing?.askedAtMs];
  return [kind, outTradeNo, ...(kind === 'query' && ask !== null ? [ask, askedAtMs] : of)].join();
}

/** What is asked about this number, and why the order ends: while that is the same it is one question. */
function questionsOf(state: OrderState, outTradeNo: OutTradeNo): string {
  const attempt = attemptOf(state, outTradeNo);
  return [attempt?.ask, attempt?.askedAtMs, attempt?.doubt?.transactionId, state.ending].join();
}
