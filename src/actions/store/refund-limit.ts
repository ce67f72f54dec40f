import { and, eq, inArray, isNull, notExists, or, sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../../db/connection.js';
import { approvals, operatorActions, refunds } from '../../db/schema.js';
import type { AskingKey } from '../rules/asking-key.js';
import type { OperatorRequest } from './action.js';

/**
 * Whether it would bring what this person gives back of the order above their limit: by all they asked for or approved, so that
 * many parts are no way around it. What came to nothing does not count. Under the order's lock.
 */
export async function isAboveLimit(tx: Tx, request: OperatorRequest): Promise<boolean> {
  const { key, amountFen = 0 } = request;
  if (key === undefined || key.refundLimitFen === null || amountFen === 0) return false;
  return (await givenBackBy(tx, request, key)) + amountFen > key.refundLimitFen;
}

/** Outcomes by which money goes back, or waits to. */
const COUNTED = ['requested', 'approval_pending', 'approved', 'resolved', 'recorded'];

async function givenBackBy(tx: Tx, request: OperatorRequest, key: AskingKey): Promise<number> {
  const { mchid, orderNo, amountFen, outcome } = operatorActions;
  const [row] = await tx
    .select({ sumFen: sql<string>`coalesce(sum(${amountFen}), 0)` })
    .from(operatorActions)
    .where(
      and(
        eq(mchid, request.mchid),
        eq(orderNo, request.orderNo),
        isSamePerson(key),
        or(isNull(outcome), inArray(outcome, COUNTED)),
        isNotRepeated(request),
        notExists(cameToNothing(tx)),
        notExists(wasRejected(tx)),
      ),
    );
  return Number(row?.sumFen ?? 0);
}

/** An actor is kept as `<name> (<key id>)`: a person with two keys is one. */
function isSamePerson({ id, name }: AskingKey): SQL | undefined {
  const { actor } = operatorActions;
  return or(sql`right(${actor}, 38) = ${`(${id})`}`, sql`left(${actor}, -39) = ${name}`);
}

const askedRefundNo = sql`${operatorActions.parameters} ->> 'refundNo'`;

/** The same refund asked for again is one. */
function isNotRepeated({ parameters }: OperatorRequest): SQL | undefined {
  const { refundNo } = parameters;
  return typeof refundNo === 'string' ? sql`${askedRefundNo} is distinct from ${refundNo}` : undefined;
}

const cameToNothing = (tx: Tx) =>
  tx
    .select({ one: sql`1` })
    .from(refunds)
    .where(
      and(
        eq(refunds.mchid, operatorActions.mchid),
        eq(refunds.outRefundNo, askedRefundNo),
        inArray(refunds.state, ['rejected', 'closed']),
      ),
    );

const wasRejected = (tx: Tx) =>
  tx
    .select({ one: sql`1` })
    .from(approvals)
    .where(
      and(
        eq(approvals.mchid, operatorActions.mchid),
        eq(approvals.outRefundNo, askedRefundNo),
        eq(approvals.status, 'rejected'),
      ),
    );
