import { ActivityFailure, ApplicationFailure, isCancellation, patched } from '@temporalio/workflow';
import type { OrderActivities } from '../../activities/orders.js';
import type { OutTradeNo } from '../../src/base/ids.js';
import { closeAgainInMs } from '../../src/orders/rules/closing.js';
import type { OrderEvent, TradeAnswered } from '../../src/orders/rules/events.js';
import type { TradeAnswer } from '../../src/orders/rules/gateway-answer.js';
import {
  nextStep,
  wakesAtMs,
  type Step,
  isAskedFor,
  questionOf,
  questionsOf,
  type GatewayStep,
} from '../../src/orders/rules/next-step.js';
import { isCharge } from '../../src/orders/rules/attempt.js';
import { projectionOf } from '../../src/orders/rules/projection.js';
import { CHARGE_POLL_MS } from '../../src/orders/rules/schedules.js';
import { attemptOf, type OrderState } from '../../src/orders/rules/state.js';
import { contradictsSum } from '../../src/orders/rules/trade-answer.js';
import type { GatewayReply } from '../../src/orders/rules/trouble.js';
import { startRefund } from '../refunds/start.js';
import { activitiesOf } from '../saga/activities.js';
import { newsOf } from '../saga/poller.js';
import type { Saga, StepTable } from '../saga/saga.js';
import { answered, supersededWhen, write, type Superseding } from '../saga/step.js';
import { tellShop } from '../shop-events/tell.js';

export type OrderSaga = Saga<OrderState, OrderEvent>;
export type OrderStep = Exclude<Step, { kind: 'wait' }>;
type StepOf<Kind extends Step['kind']> = Step & { readonly kind: Kind };

const { local, durable, once, inPostgres } = activitiesOf<OrderActivities>();

export const ORDER_STEPS: StepTable<OrderState, OrderEvent, OrderStep> = {
  load,
  project,
  async tell(saga, { event }) {
    saga.fold({ type: 'told', event, outcome: await tellShop(saga, event) });
  },
  query,
  return: giveBack,
  expire: (saga, { kind }) => timeIsOver(saga, kind, { type: 'deadlineReached' }),
  overdue: (saga, { kind }) => timeIsOver(saga, kind, { type: 'fulfilmentDue' }),
  close,
  nextNumber,
  prepay,
  charge,
  giveUp(saga, { outTradeNo }) {
    saga.fold({ type: 'reverseDecided', outTradeNo });
  },
  overlong(saga) {
    saga.fold({ type: 'overlong' });
  },
};

async function load(saga: OrderSaga): Promise<void> {
  const { mchid, orderNo } = saga.now;
  const loaded = await saga.call(inPostgres('load', (to) => to.loadOrder({ mchid, orderNo })));
  if (loaded === null) throw ApplicationFailure.nonRetryable('the order has no row', 'order_not_found');
  saga.fold({ type: 'loaded', loaded });
}

/** If Postgres stands further on, these facts are read anew from there. */
async function project(saga: OrderSaga): Promise<void> {
  const projection = projectionOf(saga.now);
  const input = { ...projection, unwritten: saga.now.unwritten };
  const written = await write(
    saga,
    inPostgres(`project ${projection.state}`, (to) => to.projectOrder(input)),
  );
  if (written === undefined) return;
  const { applied, events } = written;
  saga.fold(applied ? { type: 'projected', projection, events } : { type: 'overtaken' });
}

/** Reserved in Postgres first: the sweeper finds a row that has no workflow. */
async function giveBack(saga: OrderSaga, { outTradeNo, cause }: StepOf<'return'>): Promise<void> {
  const { mchid, orderNo, unwritten } = saga.now;
  const input = { mchid, orderNo, outTradeNo, cause, unwritten };
  const reserved = await write(
    saga,
    inPostgres(`return ${outTradeNo}`, (to) => to.reserveReturn(input)),
  );
  if (reserved === undefined) return;
  if (reserved.kind === 'reserved') await startRefund(saga, { mchid, ...reserved });
  saga.fold({ type: 'returned', outTradeNo, outcome: reserved.kind === 'reserved' ? 'started' : reserved.kind });
}

/** A request made in time counts, also if it could not be brought to this workflow. */
async function timeIsOver(saga: OrderSaga, kind: OrderStep['kind'], over: OrderEvent): Promise<void> {
  const { mchid, orderNo } = saga.now;
  const unheard = await saga.call(inPostgres('look for requests', (to) => to.unheard({ mchid, orderNo })));
  for (const event of unheard) saga.fold(event);
  if (nextStep(saga.now, Date.now())?.kind === kind) saga.fold(over);
}

async function nextNumber(saga: OrderSaga, { after }: StepOf<'nextNumber'>): Promise<void> {
  const { mchid, orderNo, unwritten } = saga.now;
  const input = { mchid, orderNo, after, unwritten };
  const reserved = await write(
    saga,
    inPostgres(`next number after ${after}`, (to) => to.reserveNextAttempt(input)),
  );
  if (reserved !== undefined) saga.fold({ type: 'nextReserved', outTradeNo: reserved.outTradeNo });
}

async function prepay(saga: OrderSaga, step: StepOf<'prepay'>): Promise<void> {
  const { outTradeNo } = step;
  const isAsked = isFirstAsked(saga, step);
  saga.fold({ type: 'prepayStarted', outTradeNo });
  const codeExpiresAtMs = attemptOf(saga.now, outTradeNo)?.code?.expiresAtMs ?? null;
  const reply = await callWechat(saga, step, isAsked, (to, input) => to.prepay({ ...input, codeExpiresAtMs }));
  const answer = answered(saga, reply);
  if (reply === undefined) saga.fold({ type: 'prepayAbandoned', outTradeNo });
  if (answer !== undefined) saga.fold({ type: 'prepayAnswered', outTradeNo, ...answer });
}

async function charge(saga: OrderSaga, step: StepOf<'charge'>): Promise<void> {
  const { outTradeNo } = step;
  saga.fold({ type: 'prepayStarted', outTradeNo });
  const reply = await callWechat(saga, step, true, (to, input) => to.charge(input));
  const answer = answered(saga, reply);
  if (reply === undefined) saga.fold({ type: 'prepayAbandoned', outTradeNo });
  if (answer !== undefined) saga.fold({ type: 'chargeAnswered', outTradeNo, ...answer });
}

async function query(saga: OrderSaga, step: StepOf<'query'>): Promise<void> {
  const { outTradeNo } = step;
  const question = questionOf(saga.now, step);
  const isAsked = isFirstAsked(saga, step);
  const answer = answered(saga, await callWechat(saga, step, isAsked, (to, input) => to.queryTrade(input)));
  if (answer === undefined) return;
  if (attemptOf(saga.now, outTradeNo)?.ask != null) saga.asking.over(question);
  saga.fold(tradeAnswered(saga, outTradeNo, answer));
}

/** One try, of a charge a reverse: a query tells what became of the close, and finds money that came instead. */
async function close(saga: OrderSaga, step: StepOf<'close'>): Promise<void> {
  const { outTradeNo } = step;
  const isAsked = isFirstAsked(saga, step);
  const attempt = attemptOf(saga.now, outTradeNo);
  const { code = null, closing = null } = attempt ?? {};
  const openedAt = code === null ? {} : { openedAtMs: code.openedAtMs };
  const again = closing === null ? {} : { againInMs: closeAgainInMs(closing) };
  const reverse = attempt !== undefined && isCharge(attempt) ? { reverse: { appid: attempt.appid } } : {};
  const to = once('money', `${'reverse' in reverse ? 'reverse' : 'close'} ${outTradeNo}`);
  const input = () => ({ ...unanswered(saga, step, isAsked), ...openedAt, ...again, ...reverse });
  const reply = await saga.callUnless(superseding(saga, step), {
    durable: () => to.closeTrade(input()).catch(silence),
  });
  if (reply === undefined) return;
  const { outcome: kind, ...said } = reply;
  saga.fold({ type: 'closeAnswered', outTradeNo, kind, ...said });
}

function silence(error: unknown): { outcome: 'unanswered' } {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  return { outcome: 'unanswered' };
}

export async function pollAttempt(saga: OrderSaga, outTradeNo: OutTradeNo): Promise<OrderEvent> {
  const { now } = saga;
  const { mchid, orderNo, gateway } = now;
  const attempt = attemptOf(now, outTradeNo);
  const { openedAtMs = Date.now(), pace } = attempt?.code ?? {};
  const isPaying = attempt !== undefined && isCharge(attempt);
  const every = isPaying ? { everyMs: CHARGE_POLL_MS } : {};
  // Histories of before, which know no pace, name the queue of the calls.
  const queue = isPaying || pace === undefined ? 'wechat' : 'polls';
  const { trouble } = gateway;
  const input = { mchid, orderNo, outTradeNo, patience: 'durable', trouble, openedAtMs, ...every } as const;
  const reply = await durable(queue, `poll ${outTradeNo}`).pollTrade(input);
  return newsOf(reply, (answer) => tradeAnswered(saga, outTradeNo, answer));
}

function tradeAnswered({ now }: OrderSaga, outTradeNo: OutTradeNo, answer: TradeAnswer): TradeAnswered {
  const event = { type: 'tradeAnswered', outTradeNo, answer } as const;
  const overridesSum = contradictsSum(now, event) && !patched('2026-11-sum-stays');
  return overridesSum ? { ...event, overridesSum } : event;
}

/** A gateway in known trouble is not worth a local try. */
const callWechat = <Answer>(
  saga: OrderSaga,
  step: GatewayStep,
  isAsked: boolean,
  call: (to: OrderActivities, input: ReturnType<typeof gatewayInput>) => Promise<GatewayReply<Answer>>,
): Promise<GatewayReply<Answer> | undefined> => {
  const summary = `${step.kind} ${step.outTradeNo}`;
  const brief = () => call(local(summary), gatewayInput(saga, step, 'brief', isAsked));
  return saga.callUnless(superseding(saga, step), {
    ...(saga.now.gateway.trouble === null ? { local: brief } : {}),
    durable: (wasLimited) => call(durable('wechat', summary), unanswered(saga, step, isAsked && !wasLimited)),
  });
};

const gatewayInput = (
  { now }: OrderSaga,
  { outTradeNo }: GatewayStep,
  patience: 'brief' | 'durable',
  isAsked: boolean,
) => {
  const { mchid, orderNo, gateway } = now;
  return { mchid, orderNo, outTradeNo, patience, isAsked, ...gateway };
};

/** From here on the order waits for an answer, however often the call is made again. */
function unanswered(saga: OrderSaga, step: GatewayStep, isAsked: boolean): ReturnType<typeof gatewayInput> {
  saga.fold({ type: 'unanswered' });
  return gatewayInput(saga, step, 'durable', isAsked);
}

const isFirstAsked = (saga: OrderSaga, step: GatewayStep): boolean =>
  isAskedFor(saga.now, step) && saga.asking.isFirst(questionOf(saga.now, step));

/** A call is given up as soon as the order has something else to do, and made again when something new is asked about its number. */
function superseding(saga: OrderSaga, step: GatewayStep): Superseding {
  const asked = questionsOf(saga.now, step.outTradeNo);
  const isUnwanted = (): boolean => {
    const next = nextStep(saga.now, Date.now());
    const isSame = next?.kind === step.kind && next.outTradeNo === step.outTradeNo;
    return !isSame || questionsOf(saga.now, step.outTradeNo) !== asked;
  };
  return supersededWhen(saga.renewal, isUnwanted, () => wakesAtMs(saga.now, step, Date.now()));
}
