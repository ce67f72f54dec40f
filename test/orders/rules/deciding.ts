import { expect, it } from 'vitest';
import type { TradeAnswer } from '../../../src/orders/rules/gateway-answer.js';
import type { OrderState } from '../../../src/orders/rules/state.js';
import type { ResolveAction, ResolveOutcome } from '../../../src/orders/rules/states.js';
import { after, answered, aTrade, fen, FIRST, START_MS } from './fixtures.js';
import { resolving } from './orders.js';
import { flat } from './flat.js';

/** Long after every schedule. */
export const NOW_MS = START_MS + 86_400_000;

/** What a query says when a decision asks. */
export const SAYS = {
  paid: { kind: 'paid', trade: aTrade() },
  less: { kind: 'paid', trade: aTrade({ totalFen: fen(900) }) },
  refunded: { kind: 'refunded', trade: aTrade() },
  partlyBack: { kind: 'paid', trade: aTrade(), backFen: 900 },
  allBack: { kind: 'paid', trade: aTrade(), backFen: 1200 },
  notPaid: { kind: 'notPaid' },
  closed: { kind: 'closed' },
  notExist: { kind: 'notExist' },
  unrecognised: { kind: 'unrecognised', tradeState: 'NEW' },
} as const satisfies Record<string, TradeAnswer>;

/** Asks about everything the decision concerns, and nothing else. */
export function decide(
  order: OrderState,
  action: ResolveAction,
  says: Partial<Record<string, TradeAnswer>>,
): OrderState {
  let state = after(order, resolving(action));
  for (const { outTradeNo } of state.attempts.filter(({ ask }) => ask?.why === 'resolve')) {
    expect(flat(state)).toMatchObject({ resolving: action, resolution: null });
    state = after(state, answered(says[outTradeNo] ?? SAYS.unrecognised, outTradeNo));
  }
  expect(flat(state).resolving).toBeNull();
  return state;
}

export const first = (says: keyof typeof SAYS) => ({ [FIRST]: SAYS[says] });

export type Row = readonly [ResolveAction, keyof typeof SAYS, ResolveOutcome, object];

/** One test a row: what a decision comes to, by what the query about the first attempt says. */
export function judged(order: () => OrderState, rows: readonly Row[]): void {
  it.each(rows)('%s, when the query says %s: %s', (action, says, resolution, becomes) => {
    expect(flat(decide(order(), action, first(says)))).toMatchObject({ resolution, ...becomes });
  });
}

export const WANTED = [{ back: { cause: 'operator', state: 'wanted' } }];
export const KEPT = [{ back: null }];
export const NO_MONEY_SHOWN = ['notPaid', 'closed', 'notExist', 'unrecognised'] as const;
