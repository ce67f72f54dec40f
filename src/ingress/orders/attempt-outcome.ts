import type { AttemptRecord, OrderRecord } from '../../domain/order/record.js';
import type { OpenAttemptOutcome } from '../../temporal/port.js';
import { ApiError } from '../../http/kit/api-error.js';
import type { AttemptAnswer } from './open-attempt.js';
import { requirePayable } from './order-call.js';

/** The answer for what became of an attempt; throws the error answers. */
export function attemptOutcome(
  outcome: OpenAttemptOutcome | 'pending',
  order: OrderRecord,
  { attempt, created }: { readonly attempt: AttemptRecord; readonly created: boolean },
): AttemptAnswer {
  switch (outcome) {
    case 'opened':
      return { status: created ? 201 : 200, order };
    case 'stuck':
      return { status: 202, order };
    case 'not_payable':
      requirePayable(order);
      throw new ApiError('order_not_payable', 'The order can no longer be paid.');
    case 'refused':
      throw new ApiError('prepay_refused', 'WeChat Pay refused this attempt.', { gateway: refusalOf(order, attempt) });
    case 'close_pending':
      throw new ApiError('close_pending', 'The open attempt is not confirmed closed yet; repeat the call.', RETRY);
    case 'pending':
      throw new ApiError('outcome_pending', 'There is no answer yet; repeat the call.', RETRY);
  }
}

/** As the row says it now: the attempt at hand was read before it was refused. */
const refusalOf = (order: OrderRecord, { number }: AttemptRecord): AttemptRecord['refusal'] =>
  order.attempts.find((attempt) => attempt.number === number)?.refusal ?? null;

const RETRY = { retryAfterSeconds: 2 };
