import { describe, expect, it } from 'vitest';
import type { TradeAnswer } from '../../../src/orders/rules/gateway-answer.js';
import { parseOutRefundNo, returnNoOf, successorOf } from '../../../src/base/ids.js';
import { orderOfRecord } from '../../../src/orders/rules/beginning.js';
import type { AttemptRecord, OrderRecord } from '../../../src/orders/rules/record.js';
import {
  CLOSED_REASONS,
  ORDER_STATES,
  RESOLVE_ACTIONS,
  REVIEW_REASONS,
  STUCK_REASONS,
  type ResolveAction,
} from '../../../src/orders/rules/states.js';
import { REFUND_STATES } from '../../../src/refunds/rules/states.js';
import { possibleFor, type AboutOrder } from '../../../src/decisions/rules/decisions.js';
import { possibleOfRefund, refundStanding } from '../../../src/refunds/rules/decisions.js';
import { RESEND } from '../../../src/shop-events/rules/decisions.js';
import { decide, SAYS } from './deciding.js';
import { flat } from './flat.js';
import { DEADLINE_MS, fen, FIRST, MCHID, must, ORDER_NO, START_MS } from './fixtures.js';
import { aRow, openRow } from './rows.js';
import { aRefundRow, OWN } from '../../refunds/rules/fixtures.js';

const NOW = new Date(START_MS + 60_000);
const DAY_MS = 86_400_000;

const money = (fields: Partial<AttemptRecord> = {}): Partial<AttemptRecord> => ({
  state: 'succeeded',
  transactionId: '4200000001',
  paidFen: fen(1200),
  paidAt: new Date(START_MS),
  prepayStartedAt: new Date(START_MS),
  codeGiven: true,
  ...fields,
});

const waiting = (order: Partial<OrderRecord> = {}) => aRow({ state: 'awaitingPayment', ...order }, [openRow]);

const paid = (order: Partial<OrderRecord> = {}, attempts: readonly Partial<AttemptRecord>[] = [money()]) =>
  aRow(
    {
      state: 'paid',
      paidAttempt: FIRST,
      paidFen: fen(1200),
      paidAt: new Date(START_MS),
      ...order,
    },
    attempts,
  );

const inReview = (reviewReason: OrderRecord['reviewReason'], attempts: readonly Partial<AttemptRecord>[]) =>
  aRow({ state: 'review', reviewReason, stuckReason: 'review', ownStuckReason: 'review' }, attempts);

const closed = (
  order: Partial<OrderRecord> = {},
  attempts: readonly Partial<AttemptRecord>[] = [{ state: 'closed' }],
) => aRow({ state: 'closed', closedReason: 'expired', closedAt: new Date(START_MS), ...order }, attempts);

const LEFT_OVER = { stuckReason: 'review', ownStuckReason: 'review' } as const;
const OVERDUE = { fulfilment: 'overdue', ...LEFT_OVER } as const;
const returned = (outTradeNo = FIRST) => aRefundRow({ outRefundNo: returnNoOf(outTradeNo), outTradeNo });

const CASES: readonly (readonly [name: string, order: OrderRecord, actions: readonly AboutOrder[]])[] = [
  ['is being created', aRow(), ['recheck', 'close', 'hold', 'extend']],
  ['awaits its payment', waiting(), ['recheck', 'close', 'hold', 'extend']],
  [
    'was extended',
    waiting({ expiresAt: new Date(DEADLINE_MS + DAY_MS) }),
    ['recheck', 'close', 'hold', 'release', 'extend'],
  ],
  ['is held', waiting({ expiresAt: new Date(START_MS + 7 * DAY_MS) }), ['recheck', 'close', 'release', 'extend']],
  ['is past its deadline', waiting({ expiresAt: NOW }), ['recheck', 'close']],
  ['is being closed', waiting({ ending: 'cancelled' }), ['recheck']],
  ['is being closed without success', waiting({ stuckReason: 'close_unconfirmed', ending: 'expired' }), ['recheck']],
  [
    'has a workflow that cannot go on',
    waiting({ stuckReason: 'stalled', stalledSince: NOW }),
    ['recheck', 'rescue', 'close', 'hold', 'extend'],
  ],
  [
    'is known better than Postgres takes',
    waiting({ stuckReason: 'not_written' }),
    ['recheck', 'close', 'hold', 'extend'],
  ],
  [
    'is stuck on its merchant',
    aRow({ stuckReason: 'merchant_config', ownStuckReason: 'merchant_config' }),
    ['recheck', 'close', 'hold', 'extend'],
  ],
  [
    'is stuck on the gateway',
    waiting({ stuckReason: 'gateway_unreachable', ownStuckReason: 'gateway_unreachable' }),
    ['recheck', 'close', 'hold', 'extend'],
  ],
  [
    'cannot go on',
    waiting({ stuckReason: 'stalled', ownStuckReason: 'stalled' }),
    ['recheck', 'rescue', 'close', 'hold', 'extend'],
  ],
  [
    'is not written because Postgres refuses it',
    waiting({ stuckReason: 'not_written', ownStuckReason: 'not_written' }),
    ['recheck', 'close', 'hold', 'extend'],
  ],
  ['is paid', paid(), ['recheck', 'refund', 'external-refund']],
  ['is paid and refunded in full', paid({}, [money({ refundedFen: fen(1200) })]), ['recheck']],
  [
    'is paid and all of it is on its way back',
    paid({}, [money({ refundingFen: fen(1200) })]),
    ['recheck', 'external-refund'],
  ],
  [
    'was paid more than a year ago',
    paid({ paidAt: new Date(START_MS - 366 * DAY_MS) }, [money({ paidAt: new Date(START_MS - 366 * DAY_MS) })]),
    ['recheck', 'external-refund'],
  ],
  [
    'is paid and waits for a top-up',
    paid({ stuckReason: 'merchant_balance' }),
    ['recheck', 'refund', 'external-refund'],
  ],
  ['is paid and a refund failed', paid({ stuckReason: 'refund_failed' }), ['recheck', 'refund', 'external-refund']],
  [
    'is paid and was refunded by somebody else',
    paid({ stuckReason: 'refunded_elsewhere', ownStuckReason: 'refunded_elsewhere' }),
    ['recheck', 'refund', 'external-refund'],
  ],
  [
    'is paid and its shop was not told',
    paid({ stuckReason: 'shop_unreachable' }),
    ['recheck', 'refund', 'external-refund'],
  ],
  [
    'is paid with something that does not fit',
    paid(LEFT_OVER),
    ['recheck', 'resolve-accept', 'refund', 'external-refund'],
  ],
  [
    'is paid with money that could not go back',
    paid(LEFT_OVER, [money(), money({ transactionId: '42-second' })]),
    ['recheck', 'resolve-accept', 'resolve-return', 'refund', 'external-refund'],
  ],
  ['is paid and overdue', paid(OVERDUE), ['recheck', 'resolve-accept', 'resolve-return', 'refund', 'external-refund']],
  [
    'is paid, overdue, and its shop was never told',
    paid({ ...OVERDUE, stuckReason: 'shop_unreachable', ownStuckReason: 'shop_unreachable' }),
    ['recheck', 'resolve-accept', 'resolve-return', 'refund', 'external-refund'],
  ],
  ['is closed', closed(), ['recheck']],
  ['is closed with a notify that no query confirms', closed(LEFT_OVER), ['recheck', 'resolve-close']],
  [
    'is closed with money that could not go back',
    closed(LEFT_OVER, [money()]),
    ['recheck', 'resolve-accept', 'resolve-return', 'external-refund'],
  ],
  [
    'is in review for another amount',
    inReview('amount_mismatch', [money({ paidFen: fen(900) })]),
    ['recheck', 'resolve-accept', 'resolve-return', 'external-refund'],
  ],
  [
    'is in review for a late payment',
    inReview('late_payment', [money()]),
    ['recheck', 'resolve-accept', 'resolve-return', 'external-refund'],
  ],
  [
    'is in review for a late payment, all of which is known to be back',
    inReview('late_payment', [money({ refundedFen: fen(1200) })]),
    ['recheck', 'resolve-return', 'resolve-close'],
  ],
  ['is in review for what no query confirms', inReview('evidence_conflict', [openRow]), ['recheck', 'resolve-close']],
  [
    'is in review for a refund made elsewhere',
    inReview('refunded_elsewhere', [money()]),
    ['recheck', 'resolve-close', 'external-refund'],
  ],
  [
    'is in review for a refund made elsewhere that is known by now',
    inReview('refunded_elsewhere', [money({ refundedFen: fen(900) })]),
    ['recheck', 'resolve-accept', 'resolve-return', 'external-refund'],
  ],
  [
    'is in review for a refund made elsewhere of all its money',
    inReview('refunded_elsewhere', [money({ refundedFen: fen(1200) })]),
    ['recheck', 'resolve-return', 'resolve-close'],
  ],
  [
    'is in review for a refund made elsewhere and holds more',
    inReview('refunded_elsewhere', [money(), money({ transactionId: '42-second' })]),
    ['recheck', 'resolve-accept', 'resolve-return', 'resolve-close', 'external-refund'],
  ],
  [
    'is in review for a number somebody else used first',
    inReview('number_in_use', [{ state: 'failed', foreign: true }]),
    ['recheck', 'resolve-close'],
  ],
  [
    'is in review for a number somebody else used first and holds money of its own',
    inReview('number_in_use', [money(), { state: 'failed', foreign: true }]),
    ['recheck', 'resolve-accept', 'resolve-return', 'external-refund'],
  ],
  [
    'is in review and gives its money back already',
    { ...inReview('amount_mismatch', [money({ refundingFen: fen(1200) })]), refunds: [returned()] },
    ['recheck', 'external-refund'],
  ],
];

describe('an order that', () => {
  it.each(CASES)('%s offers what can be done about it', (_, order, actions) => {
    expect(possibleFor(order, NOW)).toEqual(actions);
  });

  it('is in any state is covered here', () => {
    const orders = CASES.map(([, order]) => order);
    expect(new Set(orders.map(({ state }) => state))).toEqual(new Set(ORDER_STATES));
    expect(new Set(orders.flatMap(({ reviewReason }) => reviewReason ?? []))).toEqual(new Set(REVIEW_REASONS));
    expect(new Set(orders.flatMap(({ stuckReason }) => stuckReason ?? []))).toEqual(new Set(STUCK_REASONS));
  });

  it.each(CLOSED_REASONS)('is closed (%s) can be looked at again and nothing else', (closedReason) => {
    expect(possibleFor(closed({ closedReason }), NOW)).toEqual(['recheck']);
  });

  it('has lived its longest life is neither held nor extended', () => {
    const old = waiting({ expiresAt: new Date(START_MS + 7 * DAY_MS) });
    expect(possibleFor(old, new Date(START_MS + 7 * DAY_MS))).toEqual(['recheck', 'close']);
  });
});

/** What WeChat Pay says when it bears the decision out. */
function saysFor(order: OrderRecord, action: ResolveAction): Partial<Record<string, TradeAnswer>> {
  const says = ({ transactionId, paidFen }: AttemptRecord): TradeAnswer => {
    const trade = { ...SAYS.paid.trade, transactionId: transactionId ?? 'none', totalFen: paidFen };
    if (action !== 'close') return { kind: 'paid', trade };
    return order.reviewReason === 'evidence_conflict' ? SAYS.closed : { kind: 'refunded', trade };
  };
  return Object.fromEntries(order.attempts.map((attempt) => [attempt.outTradeNo, says(attempt)]));
}

describe('a decision that is offered', () => {
  const offered = CASES.flatMap(([name, order]) =>
    possibleFor(order, NOW).flatMap((action) => {
      const decision = RESOLVE_ACTIONS.find((it) => action === `resolve-${it}`);
      return decision === undefined ? [] : [[name, decision, order] as const];
    }),
  );

  // A row does not say that its refund was refused or what is in doubt: those decisions have tests of the domain's.
  const isLeftOver = ({ state, ownStuckReason, fulfilment }: OrderRecord) =>
    state !== 'review' && ownStuckReason === 'review' && fulfilment !== 'overdue';

  it.each(offered.filter(([, , order]) => !isLeftOver(order)))(
    '(an order that %s: %s) is one the order takes when WeChat Pay confirms',
    (_, action, order) => {
      expect(flat(decide(orderOfRecord(order), action, saysFor(order, action))).resolution).toBe('resolved');
    },
  );

  it('is offered for a held, a paid and a reviewed order', () => {
    expect(offered.length).toBeGreaterThan(12);
  });
});

describe('a refund', () => {
  const own = (change: Parameters<typeof aRefundRow>[0] = {}) => aRefundRow(change);
  const shops = (change: Parameters<typeof aRefundRow>[0] = {}) =>
    aRefundRow({ outRefundNo: must(parseOutRefundNo('R-1')), cause: 'shop', ...change });

  it.each(REFUND_STATES)('of the shop that is %s', (state) => {
    const refund = shops({ state });
    const expected = state === 'abnormal' ? ['abnormalRefund', 'paidOffline'] : [];
    expect(possibleOfRefund(refundStanding(paid({ refunds: [refund] }), refund))).toEqual(expected);
  });

  it.each(REFUND_STATES)("of PaySaga's own that is %s", (state) => {
    const refund = own({ state });
    const ofAbnormal = state === 'abnormal' ? ['abnormalRefund', 'paidOffline'] : [];
    const expected = state === 'rejected' || state === 'closed' ? ['reissue', 'paidOffline'] : ofAbnormal;
    expect(possibleOfRefund(refundStanding(paid({ refunds: [refund] }), refund))).toEqual(expected);
  });

  it.each(['USER_ACCOUNT_ABNORMAL', 'TRADE_OVERDUE'])('refused with %s is first paid back offline', (code) => {
    const refund = own({ state: 'rejected', gateway: { status: 403, code, message: 'no', detail: null } });
    const standing = refundStanding(paid({ refunds: [refund] }), refund);
    expect(possibleOfRefund(standing)).toEqual(['paidOffline', 'reissue']);
  });

  it('whose place another took is not issued again', () => {
    const refund = own({ state: 'rejected' });
    const next = own({ outRefundNo: successorOf(OWN), predecessor: OWN });
    expect(possibleOfRefund(refundStanding(paid({ refunds: [refund, next] }), refund))).toEqual([]);
  });

  it('whose money went elsewhere meanwhile is not issued again', () => {
    const refund = own({ state: 'rejected' });
    const order = paid({ refunds: [refund] }, [money({ refundedFen: fen(1) })]);
    expect(possibleOfRefund(refundStanding(order, refund))).toEqual([]);
  });
});

it('an event that stopped being true is never sent again, and none of a shop without an endpoint', () => {
  const event = { id: 'e', mchid: MCHID, orderNo: ORDER_NO, outRefundNo: null, type: 'order.paid' } as const;
  const rest = { date: null, subject: null, tries: 0, createdAt: NOW, deliveredAt: null, nextAt: null, deliveries: [] };
  const statuses = ['pending', 'delivered', 'withdrawn', 'exhausted', 'unaddressed'] as const;
  const possible = (hasEndpoint: boolean) =>
    statuses.filter((status) => RESEND.isPossible({ ...event, ...rest, status }, hasEndpoint));
  expect(possible(true)).toEqual(['pending', 'delivered', 'exhausted', 'unaddressed']);
  expect(possible(false)).toEqual([]);
});
