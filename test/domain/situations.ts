import type { ExplainFacts } from '../../src/domain/explain/facts.js';
import {
  CLOSED_REASONS,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
} from '../../src/domain/order/states.js';
import { returnNoOf } from '../../src/domain/ids.js';
import { REFUND_STATES } from '../../src/domain/refund/states.js';
import { DEADLINE_MS, FIRST, MCHID, ORDER_NO, START_MS } from './order/fixtures.js';

export const EVENT_ID = '1651748f-c223-4892-a2ab-a4aa412192f9';

export const PLAIN: ExplainFacts = {
  mchid: MCHID,
  orderNo: ORDER_NO,
  state: 'awaitingPayment',
  closedReason: null,
  reviewReason: null,
  stuckReason: null,
  amountFen: 1200,
  paidFen: 0,
  confirmedFen: 0,
  sinceMs: START_MS,
  expiresAtMs: DEADLINE_MS,
  open: FIRST,
  doubted: false,
  closing: false,
  fulfilment: 'none',
  shop: 'untold',
  fulfilmentDueMs: null,
  returningFen: 0,
  returnedFen: 0,
  refunds: [],
  untold: [],
  idleSinceMs: null,
  nextAtMs: START_MS + 60_000,
  attempts: 0,
  lastAnswer: null,
};

/** Every state with every reason it can have. */
export const SITUATIONS: readonly ExplainFacts[] = [
  ...ORDER_STATES.map((state): ExplainFacts => ({ ...PLAIN, state })),
  ...CLOSED_REASONS.map((closedReason): ExplainFacts => ({ ...PLAIN, state: 'closed', closedReason })),
  ...REVIEW_REASONS.map((reviewReason): ExplainFacts => ({
    ...PLAIN,
    state: 'review',
    reviewReason,
    stuckReason: 'review',
  })),
  ...ORDER_STATES.flatMap((state) =>
    STUCK_REASONS.map((stuckReason): ExplainFacts => ({ ...PLAIN, state, stuckReason })),
  ),
  { ...PLAIN, doubted: true },
  { ...PLAIN, closing: true },
  { ...PLAIN, open: null },
  ...FULFILMENT_STATES.flatMap((fulfilment) => [
    { ...PLAIN, state: 'paid' as const, fulfilment, shop: 'told' as const },
    { ...PLAIN, state: 'paid' as const, fulfilment, stuckReason: 'review' as const },
  ]),
  { ...PLAIN, state: 'paid', fulfilment: 'pending' },
  { ...PLAIN, state: 'paid', returningFen: 1200 },
  { ...PLAIN, state: 'closed', returningFen: 1200 },
  { ...PLAIN, state: 'closed', returnedFen: 1200 },
  { ...PLAIN, state: 'paid', fulfilment: 'overdue', stuckReason: 'shop_unreachable' },
  { ...PLAIN, state: 'paid', stuckReason: 'shop_unreachable', untold: [{ id: EVENT_ID, nextAtMs: null }] },
  ...REFUND_STATES.flatMap((state) =>
    [true, false].map((isOwn): ExplainFacts => {
      const refunds = [{ outRefundNo: returnNoOf(FIRST), state, isOwn }];
      return { ...PLAIN, state: 'paid', stuckReason: 'refund_failed', refunds };
    }),
  ),
  { ...PLAIN, idleSinceMs: START_MS },
  { ...PLAIN, state: 'creating', stuckReason: 'gateway_unreachable', idleSinceMs: START_MS },
];
