import { z } from 'zod';
import { err, ok, type Result } from '../../base/result.js';
import { parseBeijing, parseYuan } from '../../decisions/page/fields.js';
import { wordsQuery } from '../../http/kit/fields.js';
import { CLOSED_REASONS, ORDER_STATES, type ClosedReason, type OrderStateName } from '../../orders/rules/states.js';
import { REFUND_CAUSES, REFUND_STATES } from '../../refunds/rules/states.js';

/** As they stand in the address, which somebody may have kept: empty is not asked for. */
export type Entered = Readonly<z.infer<typeof enteredFields>>;
export type Field = keyof Entered;
export type Wrong = Readonly<Partial<Record<Field, 'invalid' | 'range' | 'together'>>>;

const text = z.string().trim().catch('');
const enteredFields = z.object({
  ...{ q: text, state: text, cause: text, amount: text, by: text, from: text, to: text },
});

export const enteredOf = (query: Readonly<Record<string, string>>): Entered =>
  enteredFields.parse({ ...NOTHING, ...query });

const NOTHING = { q: '', state: '', cause: '', amount: '', by: '', from: '', to: '' };

const STUCK = 'stuck';
/** A closed order's reason, after its state. */
export const closedState = (reason: ClosedReason): string => `closed.${reason}`;

/** All that an order's state may be asked for as, in the order of the list. */
export const ORDER_STATE_CHOICES: readonly string[] = [STUCK, ...ORDER_STATES, ...CLOSED_REASONS.map(closedState)];

type OrderState = {
  readonly state?: OrderStateName | undefined;
  readonly closedReason?: ClosedReason | undefined;
  readonly stuckReason?: 'any' | undefined;
};

/** What a list of orders is asked for, or all that is wrong about it, by field. */
export function readOrders(entered: Entered) {
  const { values, wrong } = readShared(entered);
  const state = orderStateOf(entered.state);
  const by = entered.by === '' ? 'created' : (['created', 'paid'] as const).find((it) => it === entered.by);
  if (state === undefined) wrong.state = 'invalid';
  if (by === undefined) wrong.by = 'invalid';
  if (state === undefined || by === undefined || Object.keys(wrong).length > 0) return err<Wrong>(wrong);
  if (values.q === undefined) {
    if (by === 'paid' && entered.state !== '' && entered.state !== 'paid') return err<Wrong>({ state: 'together' });
    const isByReason = (state.closedReason ?? state.stuckReason) !== undefined;
    if (values.amountFen !== undefined && isByReason) return err<Wrong>({ amount: 'together' });
  }
  return ok({ ...values, ...state, by });
}

function orderStateOf(asked: string): OrderState | undefined {
  if (asked === '') return {};
  if (asked === STUCK) return { stuckReason: 'any' };
  const closedReason = CLOSED_REASONS.find((it) => closedState(it) === asked);
  if (closedReason !== undefined) return { closedReason };
  const state = ORDER_STATES.find((it) => it === asked);
  return state && { state };
}

export const REFUND_STATE_CHOICES = ['unsettled', ...REFUND_STATES] as const;

/** As {@link readOrders}, of refunds. */
export function readRefunds(entered: Entered) {
  const { values, wrong } = readShared(entered);
  const state = REFUND_STATE_CHOICES.find((it) => it === entered.state);
  const cause = REFUND_CAUSES.find((it) => it === entered.cause);
  if (state === undefined && entered.state !== '') wrong.state = 'invalid';
  if (cause === undefined && entered.cause !== '') wrong.cause = 'invalid';
  if (Object.keys(wrong).length > 0) return err<Wrong>(wrong);
  const { q, amountFen } = values;
  if (q === undefined && amountFen !== undefined && cause !== undefined) return err<Wrong>({ cause: 'together' });
  return ok({ ...values, state, cause });
}

function readShared({ q, amount, from, to }: Entered) {
  const wrong: Partial<Record<Field, 'invalid' | 'range' | 'together'>> = {};
  const read = <T>(field: Field, text: string, parse: (text: string) => Result<T, unknown>): T | undefined => {
    if (text === '') return undefined;
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
    wrong[field] = 'invalid';
    return undefined;
  };
  const values = {
    q: read('q', q, wordsOf),
    amountFen: read('amount', amount.replaceAll(',', ''), parseYuan),
    from: read('from', from, parseBeijing),
    to: read('to', to, parseBeijing),
  };
  if (values.from && values.to && values.from >= values.to) wrong.to = 'range';
  return { values, wrong };
}

function wordsOf(text: string): Result<string, 'invalid'> {
  const parsed = wordsQuery.safeParse(text);
  return parsed.success ? ok(parsed.data) : err('invalid');
}
