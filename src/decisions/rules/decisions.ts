import type { DecisionWords, Text } from '../../actions/rules/decision.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import { APPROVAL_DECISIONS } from '../../approvals/rules/decisions.js';
import { REDRIVE } from '../../inbox/rules/decisions.js';
import { ORDER_DECISIONS, type OrderDecision, type Standing } from '../../orders/rules/decisions.js';
import { standingOf } from '../../orders/rules/standing.js';
import { ORDER_REFUND_DECISIONS, REFUND_DECISIONS } from '../../refunds/rules/decisions.js';
import { RESEND } from '../../shop-events/rules/decisions.js';

/** What a person may decide about an order, its money included, in the order in which it is offered. */
export const ABOUT_ORDERS = { ...ORDER_DECISIONS, ...ORDER_REFUND_DECISIONS } as const;
export type AboutOrder = keyof typeof ABOUT_ORDERS;

/** All that a person may decide: what, when, with what effect and in which words. Who performs it stands in `performers.ts`. */
export const DECISIONS = {
  ...ABOUT_ORDERS,
  ...REFUND_DECISIONS,
  ...APPROVAL_DECISIONS,
  resend: RESEND,
  redrive: REDRIVE,
} as const;
export type DecisionName = keyof typeof DECISIONS;

export const isAboutOrder = (name: string): name is AboutOrder => Object.hasOwn(ABOUT_ORDERS, name);

const NAMES_ABOUT_ORDERS = Object.keys(ABOUT_ORDERS).filter(isAboutOrder);

const decisionOf = (name: AboutOrder): OrderDecision => ABOUT_ORDERS[name];

/** What would have an effect now. */
export const possibleDecisions = (standing: Standing): AboutOrder[] =>
  NAMES_ABOUT_ORDERS.filter((name) => decisionOf(name).isPossible(standing));

/** As far as the order's row knows. */
export const possibleFor = (row: OrderRecord, now: Date): AboutOrder[] =>
  possibleDecisions({ order: standingOf(row), row, nowMs: now.getTime() });

/** What an operator can paste to decide it; `--reason ''` is to be filled in. */
export const decisionCommand = (name: AboutOrder, { orderNo }: Pick<OrderRecord, 'orderNo'>): string | undefined =>
  decisionOf(name).command?.(orderNo);

const KEPT = new Map<string, { readonly words: Text; readonly line: Text }>([
  ...Object.values<DecisionWords>(DECISIONS).map(({ title, kept }) => [kept.action, { line: title, ...kept }] as const),
  ['fulfilment', { words: { zh: '发货结果', en: 'take the fulfilment' }, line: { zh: '发货结果', en: 'Fulfilment' } }],
]);

/** What somebody asked for, as the card says it. */
export const askedFor = (action: string): Text => KEPT.get(action)?.words ?? { zh: action, en: action };

/** What somebody asked for, as its line in the timeline begins. */
export const timelineLine = (action: string): Text | undefined => KEPT.get(action)?.line;

const AFTERWARDS: ReadonlyMap<string, Text> = new Map(
  Object.entries<DecisionWords>(DECISIONS).flatMap(([name, { afterwards }]) =>
    Object.entries(afterwards).map(([came, text]) => [came === 'done' ? name : `${name}-${came}`, text] as const),
  ),
);

/** What is said after a decision, by its name and what came of it (`close`, `close-pending`, `refund-known`). */
export const saidAfterwards = (done: string): Text | undefined => AFTERWARDS.get(done);
