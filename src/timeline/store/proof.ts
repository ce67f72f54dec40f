import { asc, eq, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import { withTransaction, type Db, type Tx } from '../../db/connection.js';
import {
  approvals,
  attempts,
  deliveries,
  evidence,
  gatewayCalls,
  merchantEvents,
  notifyInbox,
  operatorActions,
  refunds,
} from '../../db/schema.js';
import type { OrderRef } from '../../orders/store/order.js';
import { isOf } from './timeline.js';

/**
 * Everything Postgres holds that proves what happened to one order, oldest first, as plain JSON values and dates. Never a payer's
 * openid or address, what somebody could pay with, or a notify's raw body: of that, its SHA-256 and the headers WeChat Pay signed.
 */
export async function loadOrderProof(db: Db, ref: OrderRef) {
  return withTransaction(db, async (tx) => {
    await tx.execute(sql`set transaction isolation level repeatable read, read only`);
    return {
      attempts: await attemptRows(tx, ref),
      refunds: await refundRows(tx, ref),
      evidence: await evidenceRows(tx, ref),
      gatewayCalls: await callRows(tx, ref),
      events: await eventRows(tx, ref),
      operatorActions: await actionRows(tx, ref),
      approvals: await approvalRows(tx, ref),
      inbox: await inboxRows(tx, ref),
    };
  });
}

function attemptRows(tx: Tx, ref: OrderRef) {
  const { outTradeNo, product, appid, state, transactionId, paidFen, refundingFen, refundedFen } = attempts;
  const { prepayStartedAt, codeGivenAt, codeExpiresAt, paidAt, gateway, prepayBody } = attempts;
  return tx
    .select({
      ...{ outTradeNo, product, appid, state, transactionId, paidFen, refundingFen, refundedFen },
      ...{ prepayStartedAt, codeGivenAt, codeExpiresAt, paidAt, gateway },
      prepayBodySha256: sha256(sql`convert_to(${prepayBody}, 'UTF8')`),
    })
    .from(attempts)
    .where(isOf(attempts, ref))
    .orderBy(asc(attempts.number));
}

function refundRows(tx: Tx, ref: OrderRef) {
  const { outRefundNo, outTradeNo, amountFen, totalFen, state, cause, reason, offline, refundId, predecessor } =
    refunds;
  const { trouble, gateway, createdAt, appliedAt, succeededAt } = refunds;
  const facts = { outRefundNo, outTradeNo, amountFen, totalFen, state, cause, reason, offline, refundId, predecessor };
  return tx
    .select({ ...facts, trouble, gateway, createdAt, appliedAt, succeededAt })
    .from(refunds)
    .where(isOf(refunds, ref))
    .orderBy(asc(refunds.seq));
}

function evidenceRows(tx: Tx, ref: OrderRef) {
  const { id, at, source, outTradeNo, transactionId, appid, tradeType, amountFen, currency } = evidence;
  return tx
    .select({ id, at, source, outTradeNo, transactionId, appid, tradeType, amountFen, currency })
    .from(evidence)
    .where(isOf(evidence, ref))
    .orderBy(asc(at), asc(id));
}

function callRows(tx: Tx, ref: OrderRef) {
  const { at, api, outTradeNo, outcome, durationMs, nextAt, gateway } = gatewayCalls;
  return tx
    .select({ at, api, outTradeNo, outcome, durationMs, nextAt, gateway })
    .from(gatewayCalls)
    .where(isOf(gatewayCalls, ref))
    .orderBy(asc(gatewayCalls.id));
}

async function eventRows(tx: Tx, ref: OrderRef) {
  const { id, type, outRefundNo, status, body, tries, createdAt, deliveredAt, nextAt } = merchantEvents;
  const events = await tx
    .select({ id, type, outRefundNo, status, body, tries, createdAt, deliveredAt, nextAt })
    .from(merchantEvents)
    .where(isOf(merchantEvents, ref))
    .orderBy(asc(merchantEvents.seq));
  const tried = await tx
    .select({ delivery: deliveries })
    .from(deliveries)
    .innerJoin(merchantEvents, eq(merchantEvents.id, deliveries.eventId))
    .where(isOf(merchantEvents, ref))
    .orderBy(asc(deliveries.at));
  return events.map((event) => ({
    ...event,
    body: withoutPayer(event.body),
    deliveries: tried.flatMap(({ delivery: { eventId, ...delivery } }) => (eventId === event.id ? [delivery] : [])),
  }));
}

/** What the shop was sent, less who paid. */
function withoutPayer(body: string): string {
  return JSON.stringify(JSON.parse(body), (name, value: unknown) => (name === 'openid' ? null : value));
}

function actionRows(tx: Tx, ref: OrderRef) {
  const { id, action, outRefundNo, eventId, parameters, reason, actor, requestedAt } = operatorActions;
  const { outcome, finishedAt, before, after, bulkId } = operatorActions;
  const asked = { id, action, outRefundNo, eventId, parameters, reason, actor, requestedAt };
  return tx
    .select({ ...asked, outcome, finishedAt, before, after, bulkId })
    .from(operatorActions)
    .where(isOf(operatorActions, ref))
    .orderBy(asc(requestedAt), asc(id));
}

function approvalRows(tx: Tx, ref: OrderRef) {
  const { id, outRefundNo, amountFen, reason, status, createdAt, askedByKey, askedByName } = approvals;
  const { decidedAt, decidedByKey, decidedByName, decisionReason } = approvals;
  const asked = { id, outRefundNo, amountFen, reason, status, createdAt, askedByKey, askedByName };
  return tx
    .select({ ...asked, decidedAt, decidedByKey, decidedByName, decisionReason })
    .from(approvals)
    .where(isOf(approvals, ref))
    .orderBy(asc(createdAt), asc(id));
}

async function inboxRows(tx: Tx, ref: OrderRef) {
  const { id, protocol, kind, key, status, outTradeNo, outRefundNo, serialNo, receivedAt, signalledAt } = notifyInbox;
  const facts = { id, protocol, kind, key, status, outTradeNo, outRefundNo, serialNo, receivedAt, signalledAt };
  const { deliveries: times, evidence: says, headers } = notifyInbox;
  const rows = await tx
    .select({ ...facts, deliveries: times, says, headers, rawBodySha256: sha256(notifyInbox.rawBody) })
    .from(notifyInbox)
    .where(isOf(notifyInbox, ref))
    .orderBy(asc(receivedAt), asc(id));
  return rows.map((row) => ({ ...row, headers: signed(row.headers) }));
}

const headersSchema = z.record(z.string(), z.string());

const signed = (headers: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headersSchema.parse(headers)).filter(([name]) => /^wechatpay-/i.test(name)));

/** Where the bytes stay. */
const sha256 = (bytes: typeof notifyInbox.rawBody | SQL) => sql<string | null>`encode(sha256(${bytes}), 'hex')`;
