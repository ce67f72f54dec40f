import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { firstOutTradeNo, type OutTradeNo } from '../../src/base/ids.js';
import { explainCard } from '../../src/orders/rules/explain/card.js';
import type { OrderEvent } from '../../src/orders/rules/events.js';
import { nextStep } from '../../src/orders/rules/next-step.js';
import { newAttempt } from '../../src/orders/rules/attempt.js';
import { newOrder, unknownOrder } from '../../src/orders/rules/beginning.js';
import { isWritten } from '../../src/orders/rules/projection.js';
import type { OrderState } from '../../src/orders/rules/state.js';
import { isWaiting } from '../../src/orders/rules/states.js';
import { stuckReasonOf } from '../../src/orders/rules/trouble.js';
import { transition } from '../../src/orders/rules/transition.js';
import { live, openSaga, type SagaDefinition, type Shown } from '../saga/saga.js';
import { listen } from './handlers.js';
import type { OrderInput } from './messages.js';
import { ORDER_STEPS, pollAttempt, type OrderSaga, type OrderStep } from './steps.js';

/** One order, from the first prepay to a final state. Whatever arrives, by signal, update, activity or clock, is only folded. */
export async function order(input: OrderInput): Promise<void> {
  const saga = openSaga(transition, input.language).begin(initialState(input));
  listen(saga);
  closeWhenCancelled(saga);
  await live(saga, ORDER, () => resumed(input, saga.now));
}

const ORDER: SagaDefinition<OrderState, OrderEvent, OrderStep, OutTradeNo> = {
  nextStep,
  steps: ORDER_STEPS,
  poll: pollAttempt,
  isWritten: (state) => isWritten(state) || state.unwritten,
  show: (state, language, nowMs) => ({
    card: explainCard(state, language, nowMs),
    stuckReason: stuckReasonOf(state),
    ...endOf(state),
  }),
};

function initialState(input: OrderInput): OrderState {
  const { mchid, orderNo } = input;
  if (input.resume) return unknownOrder(mchid, orderNo, input.recheck ? 'all' : 'facts', Date.now());
  const { amountFen, createdAtMs, deadlineMs, product, appid, policy } = input;
  const attempts = [newAttempt(firstOutTradeNo(orderNo), product, appid)];
  return newOrder({ mchid, orderNo, amountFen, createdAtMs, deadlineMs, policy, attempts });
}

/** Cancelling the workflow is a request to close the order, no more. */
function closeWhenCancelled(saga: OrderSaga): void {
  CancellationScope.current().cancelRequested.catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
    saga.fold({ type: 'closeRequested' });
  });
}

/** Postgres holds all but what the order was just asked. */
function resumed({ mchid, orderNo, language }: OrderInput, { attempts, unwritten }: OrderState): OrderInput {
  const recheck = unwritten || attempts.some(({ ask }) => ask?.why === 'sync' || ask?.why === 'recheck');
  return { mchid, orderNo, language, resume: true, recheck };
}

/** A search attribute costs an event: this one is set where the order may end. */
const endOf = ({ phase: { state } }: OrderState): Pick<Shown, 'payState'> =>
  isWaiting(state) ? {} : { payState: state };
