import type { RefundActivities } from '../../activities/refunds.js';
import type { RefundEvent } from '../../src/refunds/rules/events.js';
import { nextRefundStep, type RefundStep } from '../../src/refunds/rules/next-step.js';
import { refundProjectionOf, resolvingOf, type RefundState } from '../../src/refunds/rules/state.js';
import type { RefundStateName } from '../../src/refunds/rules/states.js';
import { activitiesOf } from '../saga/activities.js';
import { newsOf } from '../saga/poller.js';
import type { Saga, StepTable } from '../saga/saga.js';
import { answered, supersededWhen, write, type Superseding } from '../saga/step.js';
import { tellShop } from '../shop-events/tell.js';
import { startRefund } from './start.js';

export type RefundSaga = Saga<RefundState, RefundEvent>;
export type RefundWork = Exclude<RefundStep, { kind: 'wait' }>;

const { durable, inPostgres } = activitiesOf<RefundActivities>();

export const REFUND_STEPS: StepTable<RefundState, RefundEvent, RefundWork> = {
  project,
  async tell(saga, { event }) {
    await tellShop(saga, event);
    saga.fold({ type: 'told', event });
  },
  query,
  book,
  abnormalRefund,
  paidOffline: succeeded,
  reissue: succeeded,
  apply,
};

async function project(saga: RefundSaga): Promise<void> {
  const projection = refundProjectionOf(saga.now);
  const input = { ...projection, unwritten: saga.now.unwritten };
  const written = await write(
    saga,
    inPostgres(`project ${projection.state}`, (to) => to.projectRefund(input)),
  );
  if (written === undefined) return;
  const { applied, stored, successor } = written;
  if (successor !== null) await startRefund(saga, { mchid: saga.now.mchid, ...successor });
  saga.fold(applied ? { type: 'projected', projection, events: stored.outbox } : { type: 'overtaken', stored });
}

/** Given up for evidence: the query comes first then, and the same apply only if WeChat Pay does not know it. */
async function apply(saga: RefundSaga, { kind }: RefundWork): Promise<void> {
  const to = durable('money', `refund ${saga.now.outRefundNo}`);
  const reply = await saga.callUnless(superseding(saga, kind), { durable: () => to.applyRefund(unanswered(saga)) });
  const applied = answered(saga, reply);
  if (applied === undefined) return;
  const { earlierUnknown, ...answer } = applied;
  saga.fold({ type: 'refundApplied', answer, earlierUnknown });
}

async function query(saga: RefundSaga, { kind }: RefundWork): Promise<void> {
  const { outRefundNo, ask } = saga.now;
  const resolving = resolvingOf(saga.now);
  const question = [ask?.by, resolving, ask?.atMs].join();
  const isAsked = (ask?.by === 'person' || resolving !== null) && saga.asking.isFirst(question);
  const reply = await saga.callUnless(superseding(saga, kind), {
    durable: () => durable('wechat', `query ${outRefundNo}`).queryRefund(unanswered(saga, isAsked)),
  });
  const answer = answered(saga, reply);
  if (answer === undefined) return;
  saga.asking.over(question);
  saga.fold({ type: 'refundQueried', answer });
}

/** The same as for a refund without a row: what WeChat Pay knows becomes the row, which is read anew. */
async function book(saga: RefundSaga, { kind }: RefundWork): Promise<void> {
  const to = durable('wechat', `external refund ${saga.now.outRefundNo}`);
  const reply = await saga.callUnless(superseding(saga, kind), {
    durable: () => to.recordExternalRefund(unanswered(saga, saga.now.gateway.trouble === null)),
  });
  const answer = answered(saga, reply);
  if (answer === undefined) return;
  const { stored, successor } = answer;
  if (successor !== null) await startRefund(saga, { mchid: saga.now.mchid, ...successor });
  saga.fold({ type: 'booked', stored });
}

/** Only the end of the run gives it up: it may have begun. */
async function abnormalRefund(saga: RefundSaga): Promise<void> {
  const { refundId, outRefundNo, decision } = saga.now;
  const requestId = decision?.kind === 'due' ? decision.requestId : undefined;
  const summary = `abnormal refund ${outRefundNo}`;
  const reply = await saga.callUnless(supersededWhen(saga.renewal), {
    durable: () => durable('money', summary).abnormalRefund({ ...unanswered(saga), refundId, requestId }),
  });
  const answer = answered(saga, reply);
  if (answer !== undefined) saga.fold({ type: 'abnormalRefundAnswered', answer });
}

/** Its successor goes out, or is paid back offline already and only tells the shop. */
async function succeeded(saga: RefundSaga, { kind }: RefundWork): Promise<void> {
  const { mchid, orderNo, outRefundNo, unwritten } = saga.now;
  const input = { mchid, orderNo, outRefundNo, unwritten, isOffline: kind === 'paidOffline' };
  const successor = await write(saga, { durable: () => durable('order', kind).reserveReissue(input) });
  if (successor === undefined) return;
  if (successor !== null) await startRefund(saga, { mchid, ...successor });
  saga.fold({ type: 'reissued', outcome: successor === null ? 'not_allowed' : 'resolved' });
}

/** Until WeChat Pay says something else than `known`. */
export async function pollRefund({ now }: RefundSaga, known: RefundStateName): Promise<RefundEvent> {
  const { mchid, orderNo, outTradeNo, outRefundNo, gateway } = now;
  const call = { mchid, orderNo, outTradeNo, outRefundNo, patience: 'durable' } as const;
  const input = { ...call, trouble: gateway.trouble, known };
  const reply = await durable('wechat', `poll ${outRefundNo}`).pollRefund(input);
  return newsOf(reply, (answer): RefundEvent => ({ type: 'refundQueried', answer }));
}

/** From here on the refund waits for an answer, however often the call is made again. */
function unanswered(saga: RefundSaga, isAsked = false) {
  saga.fold({ type: 'unanswered' });
  const { mchid, orderNo, outTradeNo, outRefundNo, gateway } = saga.now;
  return { mchid, orderNo, outTradeNo, outRefundNo, patience: 'durable', isAsked, ...gateway } as const;
}

function superseding(saga: RefundSaga, kind: RefundStep['kind']): Superseding {
  const { ask } = saga.now;
  const isAskedAnew = (): boolean => saga.now.ask !== ask;
  return supersededWhen(saga.renewal, () => nextRefundStep(saga.now, Date.now())?.kind !== kind || isAskedAnew());
}
