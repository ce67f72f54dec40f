import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { OutTradeNo } from '../src/base/ids.js';
import { nextStep, wakesAtMs as nextWakeMs, type Step } from '../src/domain/order/next-step.js';
import { attemptOf, type OrderState } from '../src/domain/order/state.js';
import { isTrouble, type Facts } from './facts.js';
import { durable, local, once } from './proxies.js';
import type { Renewal } from './renewal.js';
import { isSuperseded, type Asking, type Stepper } from './step.js';

type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

type GatewayStep = StepOf<'prepay' | 'query' | 'close'>;

type Calling = { readonly stepper: Stepper; readonly asking: Asking; readonly renewal: Renewal };

export async function prepay(
  facts: Facts,
  { stepper, asking, renewal }: Calling,
  call: StepOf<'prepay'>,
): Promise<void> {
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

export async function query(facts: Facts, { stepper, asking, renewal }: Calling, call: StepOf<'query'>): Promise<void> {
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
export async function close(facts: Facts, { stepper, asking, renewal }: Calling, call: StepOf<'close'>): Promise<void> {
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
