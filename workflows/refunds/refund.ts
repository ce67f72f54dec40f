import { ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow';
import type { RefundActivities } from '../../activities/refunds.js';
import { firstOutTradeNo, type OrderNo } from '../../src/base/ids.js';
import type { Trouble } from '../../src/orders/rules/trouble.js';
import { refundCard } from '../../src/refunds/rules/card.js';
import type { RefundEvent } from '../../src/refunds/rules/events.js';
import { nextRefundStep } from '../../src/refunds/rules/next-step.js';
import {
  isRefundChanged,
  refundProjectionOf,
  isDeciding,
  refundOf,
  type RefundState,
  type StoredRefund,
} from '../../src/refunds/rules/state.js';
import type { RefundResolveAction, RefundResolveOutcome, RefundStateName } from '../../src/refunds/rules/states.js';
import { refundTransition } from '../../src/refunds/rules/transition.js';
import { activitiesOf } from '../saga/activities.js';
import { recheckSignal } from '../saga/messages.js';
import { live, openSaga, until, type OpenSaga, type SagaDefinition } from '../saga/saga.js';
import { inTurn } from '../saga/turn.js';
import {
  refundEvidenceSignal,
  refundExternalSignal,
  refundResolveUpdate,
  refundStatusQuery,
  type RefundInput,
} from './messages.js';
import { startRefund } from './start.js';
import { pollRefund, REFUND_STEPS, type RefundSaga, type RefundWork } from './steps.js';

/** One refund, from its reserved row to a final state: same number and same parameters for ever, query before repeating. */
export async function refund(input: RefundInput): Promise<void> {
  const opened = openSaga(refundTransition, input.language);
  if (input.isAsked === true) opened.fold({ type: 'evidence' });
  listen(opened);
  await CancellationScope.nonCancellable(async () => {
    const loaded = await load(input, opened);
    if (loaded === null) return;
    const saga = opened.begin(refundOf(loaded));
    if (input.isEntered === true) saga.fold({ type: 'entered', orderNo: loaded.orderNo });
    const isAsked = (): boolean => saga.now.ask !== null || saga.now.unwritten;
    await live(saga, REFUND, () => ({ ...input, isAsked: isAsked(), isEntered: saga.now.entered }));
  });
}

const REFUND: SagaDefinition<RefundState, RefundEvent, RefundWork, RefundStateName> = {
  nextStep: nextRefundStep,
  steps: REFUND_STEPS,
  poll: pollRefund,
  isWritten: (state) => state.unwritten || !isRefundChanged(state),
  show: (state, language, nowMs) => ({
    card: refundCard(state, language, nowMs),
    stuckReason: state.phase.state === 'abnormal' ? 'refund_failed' : refundProjectionOf(state).trouble,
  }),
};

const { durable, inPostgres } = activitiesOf<RefundActivities>();

/** Null: WeChat Pay knows no such refund of this order, so that there is nothing to follow. */
async function load(input: RefundInput, { call }: OpenSaga<RefundState, RefundEvent>): Promise<StoredRefund | null> {
  const { mchid, outRefundNo, externalOf } = input;
  const loaded = await call(inPostgres('load', (to) => to.loadRefund({ mchid, outRefundNo })));
  if (loaded === null && externalOf !== undefined) return external(input, externalOf);
  if (loaded === null) throw ApplicationFailure.nonRetryable('the refund has no row', 'refund_not_found');
  return loaded;
}

async function external(
  input: RefundInput,
  orderNo: OrderNo,
  trouble: Trouble | null = null,
): Promise<StoredRefund | null> {
  const { mchid, outRefundNo } = input;
  const numbers = { mchid, orderNo, outTradeNo: firstOutTradeNo(orderNo), outRefundNo };
  const asked = { ...numbers, patience: 'durable', trouble, isAsked: trouble === null } as const;
  const reply = await durable('wechat', `external refund ${outRefundNo}`).recordExternalRefund(asked);
  if (reply.kind === 'trouble') return external(input, orderNo, reply.reason);
  const { stored, successor } = reply.answer;
  if (successor !== null) await startRefund(input, { mchid, ...successor });
  return stored;
}

function listen(opened: OpenSaga<RefundState, RefundEvent>): void {
  setHandler(refundEvidenceSignal, () => opened.fold({ type: 'evidence' }));
  setHandler(recheckSignal, () => opened.fold({ type: 'asked' }));
  setHandler(refundExternalSignal, (orderNo) => opened.fold({ type: 'entered', orderNo }));
  const decisions = inTurn();
  setHandler(refundResolveUpdate, async (action, requestId) => {
    await until(() => opened.begun !== null);
    const { begun } = opened;
    return begun === null ? 'not_applicable' : decisions(() => resolve(begun, { action, requestId }));
  });
  setHandler(refundStatusQuery, () => (opened.begun === null ? null : refundProjectionOf(opened.begun.now)));
}

type Requested = { readonly action: RefundResolveAction; readonly requestId: string | undefined };

/** Answered once it is written. */
async function resolve(saga: RefundSaga, asked: Requested): Promise<RefundResolveOutcome> {
  const isFree = (): boolean => !isDeciding(saga.now);
  await until(isFree);
  saga.fold({ type: 'resolveRequested', ...asked });
  await until(() => !isRefundChanged(saga.now) && isFree());
  const { decision } = saga.now;
  return decision?.kind === 'made' ? decision.outcome : 'not_applicable';
}
