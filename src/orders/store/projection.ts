import { inArray } from 'drizzle-orm';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import { attempts, merchantEvents } from '../../db/schema.js';
import { differs, fenOf } from '../../db/stored-values.js';
import type { AttemptProjection, OrderProjection } from '../rules/projection.js';
import type { AttemptRecord, OrderRecord } from '../rules/record.js';
import {
  ATTEMPT_TRANSITIONS,
  FULFILMENT_TRANSITIONS,
  isFinal,
  isWaiting,
  ORDER_TRANSITIONS,
  type OrderStateName,
} from '../rules/states.js';
import { orderEvents, type PendingEvent } from '../../shop-events/rules/event.js';
import { emitEvents, paidEventOf, pendingOf, type OutboxEvent } from '../../shop-events/store/outbox.js';
import { isAttempt } from './attempt.js';
import { lockStanding, settled, writeOrder, type Standing } from './change.js';
import { paidFacts, type PaidFacts } from './evidence.js';

type ProjectedOrder = {
  readonly applied: boolean;
  readonly before: OrderStateName;
  readonly record: OrderRecord;
  /** Of the projection that made it paid. */
  readonly found: PaidFacts | null;
  /** What is still to tell the shop about the order itself, oldest first; its refunds' events are their workflows'. */
  readonly events: PendingEvent[];
};

/**
 * Writes what the order's workflow knows, all of it or nothing, and with it the events that tell the shop. `applied: false`
 * means that the row knows better (a late, repeated or rewound write); `record` and `events` are what stands afterwards
 * either way. The same content again changes nothing. The version grows by one when a reader sees a difference.
 */
export async function projectOrder(db: Db | Tx, projection: OrderProjection, now: Date): Promise<ProjectedOrder> {
  return withTransaction(db, async (tx) => {
    const standing = await lockStanding(tx, projection);
    if (standing === undefined) throw new Error('A projection names an order that does not exist');
    const { state: before } = standing.order;
    const change = projectionChange(standing.order, projection, now);
    if (change === undefined) {
      return { applied: false, before, record: standing.order, found: null, events: pendingOf(standing.events, null) };
    }
    const { record, events } = await write(tx, standing, change, now);
    const found = before !== 'paid' && record.state === 'paid' ? await paidFacts(tx, record) : null;
    return { applied: true, before, record, found, events: pendingOf(events, null) };
  });
}

async function write(
  tx: Tx,
  { order: before, events }: Standing,
  change: ProjectionChange,
  now: Date,
): Promise<{ record: OrderRecord; events: OutboxEvent[] }> {
  const changed = withChange(before, change);
  const known = events.map(({ type }) => type);
  const types = orderEvents(before, changed, known);
  const kept = types.includes('order.compensating') ? await withdrawUntold(tx, events) : events;
  const after = settled(before, changed, kept, now);
  // Attempts first: the order's money refers to its attempt's.
  for (const attempt of change.attempts) await writeAttempt(tx, before, attempt, now);
  await writeOrder(tx, before, after);
  const news = { types, order: after, refund: null, late: before.closedAt !== null };
  const all = [...kept, ...(await emitEvents(tx, news, now))];
  return { record: { ...after, paidEvent: paidEventOf(all) }, events: all };
}

/** Once the money goes back, a shop that was not told that the order is paid must not hear it any more. */
async function withdrawUntold(tx: Tx, events: readonly OutboxEvent[]): Promise<OutboxEvent[]> {
  const ids = events.filter(isUntold).map((event) => event.id);
  if (ids.length > 0) {
    const withdrawn = { status: 'withdrawn', nextAt: null } as const;
    await tx.update(merchantEvents).set(withdrawn).where(inArray(merchantEvents.id, ids));
  }
  return events.map((event) => (ids.includes(event.id) ? { ...event, status: 'withdrawn' } : event));
}

const isUntold = ({ type, status }: OutboxEvent): boolean =>
  type === 'order.paid' && (status === 'pending' || status === 'exhausted');

async function writeAttempt(
  tx: Tx,
  { mchid }: OrderRecord,
  { standing, facts }: AttemptChange,
  now: Date,
): Promise<void> {
  const { codeGiven, ...columns } = facts;
  await tx
    .update(attempts)
    .set({ ...columns, ...(codeGiven && !standing.codeGiven ? { codeGivenAt: now } : {}) })
    .where(isAttempt({ mchid, outTradeNo: standing.outTradeNo }));
}

function withChange(standing: OrderRecord, change: ProjectionChange): OrderRecord {
  const attemptAfter = (attempt: AttemptRecord): AttemptRecord => ({
    ...attempt,
    ...change.attempts.find((it) => it.standing === attempt)?.facts,
  });
  // An order whose workflow writes is not stalled.
  return { ...standing, ...change.order, stalledSince: null, attempts: standing.attempts.map(attemptAfter) };
}

type AttemptColumns = Partial<ReturnType<typeof attemptColumns>>;

type ProjectionChange = {
  readonly order: ReturnType<typeof orderColumns>;
  /** Only attempts that differ. */
  readonly attempts: readonly AttemptChange[];
};

type AttemptChange = { readonly standing: AttemptRecord; readonly facts: AttemptColumns };

/**
 * What a projection changes in the order that stands; `undefined` when any part of it is a move that is not allowed, so
 * that whoever sent it knows less than the row. A paid order keeps its money, a closed one its reason and time.
 */
function projectionChange(standing: OrderRecord, projection: OrderProjection, now: Date): ProjectionChange | undefined {
  if (!orderMayMove(standing, projection)) return undefined;
  const changed: AttemptChange[] = [];
  for (const projected of projection.attempts) {
    const attempt = standing.attempts.find((it) => it.outTradeNo === projected.outTradeNo);
    if (attempt === undefined) throw new Error('A projection names an attempt that was never reserved');
    if (!attemptMayMove(attempt, projected)) return undefined;
    const facts = attemptColumns(attempt, projected);
    if (differs(attempt, facts)) changed.push({ standing: attempt, facts });
  }
  for (const attempt of abandoned(standing, projection)) {
    changed.push({ standing: attempt, facts: { state: 'failed' } });
  }
  return { order: orderColumns(standing, projection, now), attempts: changed };
}

/** Reserved, but the order ended before its workflow heard of it: nothing was ever sent for it, and nothing will be. */
function abandoned(standing: OrderRecord, projection: OrderProjection): AttemptRecord[] {
  if (!isFinal(projection.state)) return [];
  const projected = new Set(projection.attempts.map((attempt) => attempt.outTradeNo));
  return standing.attempts.filter(
    (attempt) =>
      !projected.has(attempt.outTradeNo) && attempt.state === 'preparing' && attempt.prepayStartedAt === null,
  );
}

function orderMayMove(standing: OrderRecord, projection: OrderProjection): boolean {
  if (!fulfilmentMayMove(standing, projection)) return false;
  // A run that lost its last task in a crash may not know that it closed the order: to it the money that came is awaited.
  if (standing.state === 'closed' && projection.closedAtMs === null) return false;
  if (!endingMayMove(standing, projection)) return false;
  if (standing.state !== projection.state) return ORDER_TRANSITIONS[standing.state].includes(projection.state);
  if (standing.state === 'closed') return standing.closedReason === projection.closedReason;
  const sameMoney = standing.paidAttempt === projection.paidAttempt && standing.paidFen === projection.paidFen;
  return standing.state !== 'paid' || sameMoney;
}

/** What began to close goes on closing, until it is closed, or money is found. */
const endingMayMove = ({ ending }: OrderRecord, projection: OrderProjection): boolean =>
  ending === null || !isWaiting(projection.state) || projection.ending === ending;

const fulfilmentMayMove = (standing: OrderRecord, { fulfilment }: OrderProjection): boolean =>
  standing.fulfilment === fulfilment || FULFILMENT_TRANSITIONS[standing.fulfilment].includes(fulfilment);

function attemptMayMove(standing: AttemptRecord, projected: AttemptProjection): boolean {
  // Postgres knows of a code, or of a trade of somebody else's, that these facts do not: what follows from them is stale.
  if (projected.foreign && standing.codeGiven) return false;
  if (standing.foreign && projected.state !== 'failed') return false;
  if (standing.state !== projected.state) return ATTEMPT_TRANSITIONS[standing.state].includes(projected.state);
  const sameMoney = standing.transactionId === projected.transactionId && standing.paidFen === projected.paidFen;
  return standing.state !== 'succeeded' || sameMoney;
}

function orderColumns(standing: OrderRecord, projection: OrderProjection, now: Date) {
  const { state, closedReason, stuckReason, fulfilment } = projection;
  const alreadyClosed = standing.state === 'closed' && state === 'closed';
  const closedAt = alreadyClosed ? standing.closedAt : dateOf(projection.closedAtMs);
  return {
    state,
    closedReason,
    reviewReason: state === 'review' ? projection.reviewReason : null,
    ending: isFinal(state) ? null : projection.ending,
    ownStuckReason: stuckReason,
    fulfilment,
    expiresAt: new Date(projection.expiresAtMs),
    closedAt: state === 'closed' ? (closedAt ?? now) : closedAt,
    dueAt: dateOf(projection.dueAtMs),
    ...money(standing, projection),
  };
}

function money(standing: OrderRecord, projection: OrderProjection) {
  const known = standing.state === 'paid' ? standing : { ...projection, paidAt: dateOf(projection.paidAtMs) };
  const { paidAttempt, paidFen, paidAt, foundBy } = known;
  return { paidAttempt, paidFen: fenOf(paidFen), paidAt, foundBy };
}

function attemptColumns(standing: AttemptRecord, projected: AttemptProjection) {
  const { state, transactionId, paidFen, paidAtMs } = projected;
  // A trade that is open can be paid by whoever holds its code, also when its prepay's answer was lost.
  const codeGiven = standing.codeGiven || state === 'open';
  const paidAt = standing.paidAt ?? dateOf(paidAtMs);
  // What an activity wrote of a call whose answer never reached the workflow stands.
  const prepayUnknown = standing.prepayUnknown || projected.prepayUnknown;
  const foreign = standing.foreign || projected.foreign;
  const reversing = standing.reversing || projected.reversing === true;
  return { state, transactionId, paidFen: fenOf(paidFen), paidAt, prepayUnknown, foreign, reversing, codeGiven };
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
