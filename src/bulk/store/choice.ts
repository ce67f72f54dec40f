import { and, asc, eq, gte, inArray, isNotNull, lt, sql, type SQL } from 'drizzle-orm';
import type { Mchid } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import type { Db, Tx } from '../../db/connection.js';
import { orders } from '../../db/schema.js';
import { fenOf } from '../../db/stored-values.js';
import type { OrderRecord } from '../../orders/rules/record.js';
import type { OrderStateName, StuckReason } from '../../orders/rules/states.js';
import type { BulkAction } from '../rules/bulk.js';

/** Which orders a bulk is about; what is given must all be true. */
export type BulkFilter = {
  readonly state?: OrderStateName | undefined;
  /** `any`: everything that is stuck. */
  readonly stuckReason?: StuckReason | 'any' | undefined;
  /** Inclusive. */
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
  /** As a person typed them: not necessarily numbers of orders. */
  readonly orderNos?: readonly string[] | undefined;
};

/** A filter and what is to be done: orders that nobody named are taken only where that can be done to them. */
export type BulkChoice = { readonly mchid: Mchid; readonly action: BulkAction; readonly filter: BulkFilter };

type BulkSample = Pick<OrderRecord, 'amountFen' | 'state' | 'stuckReason' | 'expiresAt'> & {
  readonly orderNo: string;
};

export type BulkPreview = {
  /** Orders that exist; named numbers without an order are not among them. */
  readonly count: number;
  readonly sumFen: Fen;
  /** The oldest, at most 10. */
  readonly sample: readonly BulkSample[];
};

export async function previewBulkOrders(db: Db | Tx, choice: BulkChoice): Promise<BulkPreview> {
  const [total] = await db
    .select({
      count: sql<number>`count(*)`.mapWith(Number),
      sumFen: sql<number>`coalesce(sum(${orders.amountFen}), 0)`.mapWith(Number),
    })
    .from(orders)
    .where(matching(choice));
  const count = total?.count ?? 0;
  return { count, sumFen: fenOf(total?.sumFen ?? 0), sample: count === 0 ? [] : await oldest(db, choice) };
}

export function matching(choice: BulkChoice): SQL | undefined {
  const states = statesOf(choice);
  return and(...others(choice), states && inArray(orders.state, [...states]));
}

const SAMPLE = 10;

/** The oldest of each state, and of those the oldest: each read comes from an index in its order and ends after a few rows. */
async function oldest(db: Db | Tx, choice: BulkChoice): Promise<BulkSample[]> {
  const states = statesOf(choice);
  const perState = states === undefined ? [undefined] : states.map((state) => eq(orders.state, state));
  const found = await Promise.all(perState.map((isState) => oldestOf(db, and(...others(choice), isState))));
  return found
    .flat()
    .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.orderNo < b.orderNo ? -1 : 1))
    .slice(0, SAMPLE)
    .map(({ createdAt, amountFen, ...sample }) => ({ ...sample, amountFen: fenOf(amountFen) }));
}

function oldestOf(db: Db | Tx, condition: SQL | undefined) {
  const { orderNo, amountFen, state, stuckReason, expiresAt, createdAt } = orders;
  return db
    .select({ orderNo, amountFen, state, stuckReason, expiresAt, createdAt })
    .from(orders)
    .where(condition)
    .orderBy(asc(createdAt), asc(orderNo))
    .limit(SAMPLE);
}

/** Only an order that can still be paid has a deadline to move. */
const WITH_DEADLINE: readonly OrderStateName[] = ['creating', 'awaitingPayment'];

/** Undefined: every state. Named orders are taken in every state, so that each failure is told. */
function statesOf({ action, filter }: BulkChoice): readonly OrderStateName[] | undefined {
  const { state, orderNos } = filter;
  const asked = state === undefined ? undefined : [state];
  if (action === 'recheck' || action === 'rescue' || orderNos !== undefined) return asked;
  return WITH_DEADLINE.filter((it) => asked?.includes(it) ?? true);
}

function others({ mchid, filter }: BulkChoice): (SQL | undefined)[] {
  const { stuckReason, createdFrom, createdTo, orderNos } = filter;
  return [
    eq(orders.mchid, mchid),
    stuckReason && (stuckReason === 'any' ? isNotNull(orders.stuckReason) : eq(orders.stuckReason, stuckReason)),
    createdFrom && gte(orders.createdAt, createdFrom),
    createdTo && lt(orders.createdAt, createdTo),
    orderNos && inArray(orders.orderNo, [...orderNos]),
  ];
}
