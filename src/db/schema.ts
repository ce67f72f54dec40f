import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
  type PgColumn,
  type PgTableExtraConfigValue,
} from 'drizzle-orm/pg-core';
import { OPERATOR_ROLES } from '../access/rules/role.js';
import { OPERATOR_ACTIONS } from '../actions/rules/operator-action.js';
import { APPROVAL_STATUSES } from '../approvals/rules/approval.js';
import { MAX_ATTEMPTS } from '../base/ids.js';
import { BULK_ACTIONS } from '../bulk/rules/bulk.js';
import { INBOX_KINDS, INBOX_PROTOCOLS, INBOX_STATUSES, UNFINISHED_INBOX_STATUSES } from '../inbox/rules/notify.js';
import { GATEWAY_APIS } from '../orders/rules/gateway-answer.js';
import { EVIDENCE_SOURCES } from '../orders/rules/evidence.js';
import {
  ATTEMPT_STATES,
  CLOSED_REASONS,
  ENDINGS,
  FOUND_BY,
  FULFILMENT_STATES,
  ORDER_STATES,
  REVIEW_REASONS,
  STUCK_REASONS,
  UNFINISHED_ORDER_STATES,
} from '../orders/rules/states.js';
import { H5_TYPES, PRODUCTS } from '../orders/rules/product.js';
import { BILL_KINDS, LINE_KINDS } from '../reconciliation/rules/bill-line.js';
import {
  CLASSES,
  DISCREPANCY_CLASSES,
  DISCREPANCY_STATUSES,
  REPAIRS,
  SUBJECTS,
} from '../reconciliation/rules/classes.js';
import { BILL_DISTRUSTS, BILL_STATES, DAY_FAILURES, DAY_STATES, DAY_WAITS } from '../reconciliation/rules/day.js';
import {
  ACCEPTED_REFUND_STATES,
  REFUND_CAUSES,
  REFUND_STATES,
  REFUND_TROUBLES,
  UNSETTLED_REFUND_STATES,
} from '../refunds/rules/states.js';
import { SEARCHED } from '../search/rules/searched.js';
import { DAY_EVENT_TYPES, EVENT_STATUSES, MERCHANT_EVENT_TYPES } from '../shop-events/rules/event.js';
import { TIMELINE_SOURCES } from '../timeline/rules/entry.js';
import {
  bytes,
  fen,
  fenCheck,
  identity,
  instant,
  is,
  isAmong,
  isSet,
  isUnset,
  literals,
  wordChecks,
} from './columns.js';

/** One count for all that a timeline is made of: what became known first has the smaller number, whichever table keeps it. */
export const timelineSeq = pgSequence('timeline_seq');
const known = () =>
  bigint('seq', { mode: 'number' })
    .notNull()
    .default(sql`nextval('timeline_seq')`);

/** When it became known: by Postgres's clock, the only one that all writers share. */
const knownAt = (name = 'known_at') =>
  instant(name)
    .notNull()
    .default(sql`clock_timestamp()`);

const ofOrder = () => ({ mchid: identity('mchid').notNull(), orderNo: identity('order_no').notNull() });

export const orders = pgTable(
  'orders',
  {
    ...ofOrder(),
    version: integer('version').notNull().default(1),
    state: text('state', { enum: ORDER_STATES }).notNull().default('creating'),
    closedReason: text('closed_reason', { enum: CLOSED_REASONS }),
    reviewReason: text('review_reason', { enum: REVIEW_REASONS }),
    ending: text('ending', { enum: ENDINGS }),
    stuckReason: text('stuck_reason', { enum: STUCK_REASONS }),
    stuckSince: instant('stuck_since'),
    ownStuckReason: text('own_stuck_reason', { enum: STUCK_REASONS }),
    amountFen: fen('amount_fen').notNull(),
    /** Of the first attempt; once paid, of the one that made it so, which a trigger sees to. */
    product: text('product', { enum: PRODUCTS }),
    appid: identity('appid'),
    paidAttempt: identity('paid_attempt'),
    paidFen: fen('paid_fen').notNull().default(0),
    returnedFen: fen('returned_fen').notNull().default(0),
    fulfilment: text('fulfilment', { enum: FULFILMENT_STATES }).notNull().default('none'),
    description: text('description').notNull(),
    attach: text('attach'),
    metadata: jsonb('metadata'),
    sale: jsonb('sale'),
    returnUrl: text('return_url'),
    policy: jsonb('policy').notNull(),
    bodyHash: text('body_hash').notNull(),
    expiresInSeconds: integer('expires_in_seconds').notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull(),
    paidAt: instant('paid_at'),
    foundBy: text('found_by', { enum: FOUND_BY }),
    closedAt: instant('closed_at'),
    dueAt: instant('due_at'),
    nextDueAt: instant('next_due_at'),
    stalledSince: instant('stalled_since'),
    sweptAt: instant('swept_at'),
  },
  (t): PgTableExtraConfigValue[] => [
    primaryKey({ name: 'orders_pkey', columns: [t.mchid, t.orderNo] }),
    // The money that made the order paid is its attempt's money, to the fen.
    foreignKey({
      name: 'orders_paid_attempt_fkey',
      columns: [t.mchid, t.orderNo, t.paidAttempt, t.paidFen],
      foreignColumns: [attempts.mchid, attempts.orderNo, attempts.outTradeNo, attempts.paidFen],
    }),
    ...wordChecks(t),
    fenCheck('orders', t.amountFen, 1),
    fenCheck('orders', t.paidFen),
    fenCheck('orders', t.returnedFen),
    check('orders_version_positive', sql`${t.version} >= 1`),
    // A closed order that money found again keeps when and why it was closed.
    check('orders_closed_has_reason', sql`${t.state} <> 'closed' or ${t.closedReason} is not null`),
    check('orders_closed_is_dated', sql`(${t.closedReason} is null) = (${t.closedAt} is null)`),
    check(
      'orders_waiting_was_not_closed',
      sql`${t.state} not in ('creating', 'awaitingPayment') or ${t.closedReason} is null`,
    ),
    check('orders_review_has_reason', sql`(${t.state} = 'review') = (${t.reviewReason} is not null)`),
    check('orders_ending_is_open', sql`${t.ending} is null or ${t.state} not in ('paid', 'closed')`),
    check('orders_stuck_has_time', sql`(${t.stuckReason} is null) = (${t.stuckSince} is null)`),
    check('orders_paid_has_attempt', sql`(${t.state} = 'paid') = (${t.paidAttempt} is not null)`),
    check('orders_paid_has_time', sql`(${t.state} = 'paid') = (${t.paidAt} is not null)`),
    check('orders_found_is_paid', sql`${t.foundBy} is null or ${t.state} = 'paid'`),
    check('orders_paid_has_terms', sql`${t.state} <> 'paid' or (${t.product} is not null and ${t.appid} is not null)`),
    check('orders_paid_has_money', sql`(${t.state} = 'paid') = (${t.paidFen} > 0)`),
    index('orders_list').on(t.mchid, t.createdAt, t.orderNo),
    index('orders_list_state').on(t.mchid, t.state, t.createdAt, t.orderNo),
    index('orders_list_amount').on(t.mchid, t.amountFen, t.state, t.createdAt, t.orderNo),
    index('orders_list_closed').on(t.mchid, t.closedReason, t.createdAt, t.orderNo).where(is(t.state, 'closed')),
    index('orders_list_product').on(t.mchid, t.product, t.createdAt, t.orderNo),
    index('orders_list_appid').on(t.mchid, t.appid, t.product, t.createdAt, t.orderNo),
    index('orders_list_stuck').on(t.mchid, t.createdAt, t.orderNo).where(isSet(t.stuckReason)),
    index('orders_list_stuck_reason').on(t.mchid, t.stuckReason, t.createdAt, t.orderNo).where(isSet(t.stuckReason)),
    index('orders_stuck_oldest').on(t.mchid, t.stuckSince, t.orderNo).where(isSet(t.stuckReason)),
    index('orders_stuck_oldest_reason').on(t.mchid, t.stuckReason, t.stuckSince, t.orderNo).where(isSet(t.stuckReason)),
    // With all that takings are summed by.
    index('orders_list_paid')
      .on(t.mchid, t.paidAt, t.orderNo, t.product, t.appid, t.paidFen)
      .where(is(t.state, 'paid')),
    index('orders_list_paid_product').on(t.mchid, t.product, t.paidAt, t.orderNo).where(is(t.state, 'paid')),
    index('orders_list_paid_amount').on(t.mchid, t.amountFen, t.paidAt, t.orderNo).where(is(t.state, 'paid')),
    index('orders_list_paid_appid').on(t.mchid, t.appid, t.product, t.paidAt, t.orderNo).where(is(t.state, 'paid')),
    index('orders_sweep_creating').on(t.sweptAt.nullsFirst(), t.createdAt).where(is(t.state, 'creating')),
    index('orders_sweep_overdue').on(t.expiresAt).where(isAmong(t.state, UNFINISHED_ORDER_STATES)),
    index('orders_sweep_due').on(t.dueAt).where(isSet(t.dueAt)),
    index('orders_sweep_next_due').on(t.nextDueAt).where(isSet(t.nextDueAt)),
  ],
);

export const attempts = pgTable(
  'attempts',
  {
    mchid: identity('mchid').notNull(),
    outTradeNo: identity('out_trade_no').notNull(),
    orderNo: identity('order_no').notNull(),
    number: integer('number').notNull(),
    product: text('product', { enum: PRODUCTS }).notNull(),
    appid: text('appid').notNull(),
    openid: text('openid'),
    clientIp: text('client_ip'),
    h5Type: text('h5_type', { enum: H5_TYPES }),
    /** The payer's, of code scan: until it is charged. */
    authCode: text('auth_code'),
    till: jsonb('till'),
    sceneInfo: jsonb('scene_info'),
    /** The payer's, sealed for WeChat Pay. */
    identity: jsonb('identity'),
    state: text('state', { enum: ATTEMPT_STATES }).notNull().default('preparing'),
    codeUrl: text('code_url'),
    prepayId: text('prepay_id'),
    h5Url: text('h5_url'),
    codeExpiresAt: instant('code_expires_at'),
    codeGivenAt: instant('code_given_at'),
    prepayBody: text('prepay_body'),
    prepayStartedAt: instant('prepay_started_at'),
    prepayUnknown: boolean('prepay_unknown').notNull().default(false),
    foreign: boolean('foreign_trade').notNull().default(false),
    reversing: boolean('reversing').notNull().default(false),
    refusal: jsonb('refusal'),
    gateway: jsonb('gateway'),
    transactionId: text('transaction_id'),
    paidFen: fen('paid_fen').notNull().default(0),
    refundingFen: fen('refunding_fen').notNull().default(0),
    refundedFen: fen('refunded_fen').notNull().default(0),
    /** Names the payer: read by activities, and by the API for the shop. */
    payment: jsonb('payment'),
    paidAt: instant('paid_at'),
    refundAppliedAt: instant('refund_applied_at'),
    attemptKey: text('attempt_key'),
    bodyHash: text('body_hash'),
  },
  (t): PgTableExtraConfigValue[] => [
    primaryKey({ name: 'attempts_pkey', columns: [t.mchid, t.outTradeNo] }),
    orderKey('attempts', t),
    unique('attempts_number_key').on(t.mchid, t.orderNo, t.number),
    unique('attempts_of_order_key').on(t.mchid, t.orderNo, t.outTradeNo),
    unique('attempts_money_key').on(t.mchid, t.orderNo, t.outTradeNo, t.paidFen),
    uniqueIndex('attempts_attempt_key_key').on(t.mchid, t.orderNo, t.attemptKey).where(isSet(t.attemptKey)),
    uniqueIndex('attempts_transaction_key').on(t.mchid, t.transactionId).where(isSet(t.transactionId)),
    ...wordChecks(t),
    fenCheck('attempts', t.paidFen),
    fenCheck('attempts', t.refundingFen),
    fenCheck('attempts', t.refundedFen),
    check('attempts_number_range', sql`${t.number} between 1 and ${sql.raw(String(MAX_ATTEMPTS))}`),
    check(
      'attempts_out_trade_no_derived',
      sql`${t.outTradeNo} = case
        when ${t.number} = 1 then ${t.orderNo}
        when length(${t.orderNo} || '*' || ${t.number}) <= 32 then ${t.orderNo} || '*' || ${t.number}
        else '*' || left(translate(encode(sha256(${t.orderNo}::bytea), 'base64'), '+/', '-_'), 28) || '*' || ${t.number} end`,
    ),
    check('attempts_succeeded_has_transaction', sql`${t.state} <> 'succeeded' or ${t.transactionId} is not null`),
    check('attempts_money_has_succeeded', sql`${t.paidFen} = 0 or ${t.state} = 'succeeded'`),
    check(
      'attempts_foreign_is_not_ours',
      sql`not ${t.foreign} or (${t.state} = 'failed' and ${t.codeGivenAt} is null and ${t.paidFen} = 0)`,
    ),
    index('attempts_paid').on(t.mchid, t.paidAt, t.outTradeNo).where(isSet(t.paidAt)),
    check(
      'attempts_body_is_dated',
      sql`${t.product} = 'codeScan' or (${t.prepayBody} is null) = (${t.prepayStartedAt} is null)`,
    ),
    // A code is charged once, and kept no longer than until then.
    check(
      'attempts_auth_code_is_unused',
      sql`${t.authCode} is null or (${t.product} = 'codeScan' and ${t.state} = 'preparing' and ${t.prepayStartedAt} is null)`,
    ),
    check('attempts_charge_has_till', sql`(${t.product} = 'codeScan') = (${t.till} is not null)`),
    check('attempts_reversing_is_charge', sql`not ${t.reversing} or ${t.product} = 'codeScan'`),
  ],
);

export const refunds = pgTable(
  'refunds',
  {
    mchid: identity('mchid').notNull(),
    outRefundNo: identity('out_refund_no').notNull(),
    /** In the order in which they were reserved, whatever the clocks said. */
    seq: bigint('seq', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    orderNo: identity('order_no').notNull(),
    outTradeNo: identity('out_trade_no').notNull(),
    amountFen: fen('amount_fen').notNull(),
    totalFen: fen('total_fen').notNull(),
    state: text('state', { enum: REFUND_STATES }).notNull().default('requested'),
    cause: text('cause', { enum: REFUND_CAUSES }).notNull(),
    reason: text('reason'),
    source: jsonb('source'),
    offline: boolean('offline').notNull().default(false),
    refundId: text('refund_id'),
    channel: text('channel'),
    receivedAccount: text('received_account'),
    acceptedAt: instant('accepted_at'),
    /** By which a refund belongs to a day: when WeChat Pay accepted it, or what comes nearest of what is known. */
    bookedAt: instant('booked_at')
      .notNull()
      .generatedAlwaysAs(sql`coalesce(accepted_at, applied_at, succeeded_at, created_at)`),
    gateway: jsonb('gateway'),
    predecessor: identity('predecessor'),
    trouble: text('trouble', { enum: REFUND_TROUBLES }),
    bodyHash: text('body_hash'),
    createdAt: instant('created_at').notNull(),
    appliedAt: instant('applied_at'),
    succeededAt: instant('succeeded_at'),
    nextDueAt: instant('next_due_at'),
    stalledSince: instant('stalled_since'),
    sweptAt: instant('swept_at'),
  },
  (t): PgTableExtraConfigValue[] => [
    primaryKey({ name: 'refunds_pkey', columns: [t.mchid, t.outRefundNo] }),
    // What WeChat Pay is told the trade cost is what its query confirmed, to the fen.
    foreignKey({
      name: 'refunds_attempt_fkey',
      columns: [t.mchid, t.orderNo, t.outTradeNo, t.totalFen],
      foreignColumns: [attempts.mchid, attempts.orderNo, attempts.outTradeNo, attempts.paidFen],
    }),
    foreignKey({
      name: 'refunds_predecessor_fkey',
      columns: [t.mchid, t.predecessor],
      foreignColumns: [t.mchid, t.outRefundNo],
    }),
    uniqueIndex('refunds_predecessor_key').on(t.mchid, t.predecessor).where(isSet(t.predecessor)),
    uniqueIndex('refunds_own_key')
      .on(t.mchid, t.outTradeNo)
      .where(sql`${t.cause} not in ('shop', 'external') and ${t.state} not in ('rejected', 'closed')`),
    ...wordChecks(t),
    fenCheck('refunds', t.amountFen, 1),
    fenCheck('refunds', t.totalFen, 1),
    check('refunds_amount_within_total', sql`${t.cause} = 'external' or ${t.amountFen} <= ${t.totalFen}`),
    check(
      'refunds_own_number',
      sql`${t.cause} = 'external' or (${t.cause} <> 'shop') = (position('@' in ${t.outRefundNo}) > 0)`,
    ),
    check(
      'refunds_external_is_at_wechat',
      sql`${t.cause} <> 'external' or (${t.refundId} is not null and ${t.state} not in ('requested', 'rejected'))`,
    ),
    check(
      'refunds_own_number_derived',
      sql`${t.cause} in ('shop', 'external') or starts_with(${t.outRefundNo}, ${t.outTradeNo} || '@return')`,
    ),
    check(
      'refunds_successor_is_own',
      sql`${t.cause} = 'external' or (${t.predecessor} is not null) = (${t.cause} <> 'shop' and ${t.outRefundNo} <> ${t.outTradeNo} || '@return')`,
    ),
    check('refunds_shop_has_body', sql`(${t.cause} = 'shop') = (${t.bodyHash} is not null)`),
    check('refunds_succeeded_has_time', sql`(${t.state} = 'succeeded') = (${t.succeededAt} is not null)`),
    check('refunds_offline_has_succeeded', sql`not ${t.offline} or ${t.state} = 'succeeded'`),
    check(
      'refunds_trouble_is_unsettled',
      sql`${t.trouble} is null or ${t.state} in (${literals(UNSETTLED_REFUND_STATES)})`,
    ),
    index('refunds_of_refund_id').on(t.mchid, t.refundId).where(isSet(t.refundId)),
    index('refunds_list').on(t.mchid, t.createdAt, t.outRefundNo),
    index('refunds_list_state').on(t.mchid, t.state, t.cause, t.createdAt, t.outRefundNo),
    index('refunds_list_amount').on(t.mchid, t.amountFen, t.state, t.createdAt, t.outRefundNo),
    index('refunds_list_accepted')
      .on(t.mchid, t.bookedAt, t.outRefundNo)
      .where(isAmong(t.state, ACCEPTED_REFUND_STATES)),
    index('refunds_list_succeeded').on(t.mchid, t.succeededAt, t.outRefundNo).where(is(t.state, 'succeeded')),
    index('refunds_of_order').on(t.mchid, t.orderNo, t.createdAt, t.outRefundNo),
    index('refunds_of_attempt').on(t.mchid, t.outTradeNo, t.seq),
    index('refunds_sweep').on(t.sweptAt.nullsFirst(), t.createdAt).where(isAmong(t.state, UNSETTLED_REFUND_STATES)),
    index('refunds_sweep_next_due').on(t.nextDueAt).where(isSet(t.nextDueAt)),
  ],
);

/** What a `q` is held against: of an order its number, description and metadata, of a refund its number and reason. By triggers. */
export const searchTexts = pgTable(
  'search_texts',
  {
    kind: text('kind', { enum: SEARCHED }).notNull(),
    mchid: identity('mchid').notNull(),
    number: identity('number').notNull(),
    text: text('text').notNull(),
  },
  (t) => [primaryKey({ name: 'search_texts_pkey', columns: [t.kind, t.mchid, t.number] }), ...wordChecks(t)],
);

/** A row for each term of each text: what has a term stands in one piece of the index, in the order of the lists. Only added to. */
export const searchTerms = pgTable(
  'search_terms',
  {
    /** The hash of kind, merchant and term. */
    term: bigint('term', { mode: 'bigint' }).notNull(),
    createdAt: instant('created_at').notNull(),
    number: identity('number').notNull(),
  },
  (t) => [index('search_terms_list').on(t.term, t.createdAt, t.number)],
);

/**
 * The outbox: one row an event for life, written with the change that it tells. `id` is its `webhook-id`. It is of an order, or of a
 * day that was held against the bills.
 */
export const merchantEvents = pgTable(
  'merchant_events',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    /** In the order in which they happened: of one order, that of its row's lock. */
    seq: known(),
    knownAt: knownAt(),
    mchid: identity('mchid').notNull(),
    orderNo: identity('order_no'),
    outRefundNo: identity('out_refund_no'),
    date: date('date', { mode: 'string' }),
    /** What of the day it tells, once: a run, or a discrepancy and when it was opened. */
    subject: text('subject'),
    type: text('type', { enum: MERCHANT_EVENT_TYPES }).notNull(),
    status: text('status', { enum: EVENT_STATUSES }).notNull().default('pending'),
    body: text('body').notNull(),
    tries: integer('tries').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    deliveredAt: instant('delivered_at'),
    nextAt: instant('next_at'),
    sweptAt: instant('swept_at'),
    /** The person who last had a day's event sent again, and why; of an order's the actions are kept. */
    resentBy: text('resent_by'),
    resendReason: text('resend_reason'),
    resentAt: instant('resent_at'),
  },
  (t) => [
    orderKey('merchant_events', t),
    foreignKey({
      name: 'merchant_events_day_fkey',
      columns: [t.mchid, t.date],
      foreignColumns: [reconciliations.mchid, reconciliations.date],
    }),
    refundKey('merchant_events', t),
    uniqueIndex('merchant_events_paid_key').on(t.mchid, t.orderNo).where(is(t.type, 'order.paid')),
    ...wordChecks(t),
    check('merchant_events_tries_range', sql`${t.tries} >= 0`),
    check('merchant_events_delivered_is_dated', sql`${t.status} <> 'delivered' or ${t.deliveredAt} is not null`),
    check('merchant_events_next_is_pending', sql`${t.nextAt} is null or ${t.status} = 'pending'`),
    check('merchant_events_refund_is_named', sql`(${t.outRefundNo} is not null) = starts_with(${t.type}, 'refund.')`),
    check(
      'merchant_events_is_of_order_or_day',
      sql`case when ${isAmong(t.type, DAY_EVENT_TYPES)} then ${t.orderNo} is null and num_nulls(${t.date}, ${t.subject}) = 0
        else ${t.orderNo} is not null and num_nulls(${t.date}, ${t.subject}) = 2 end`,
    ),
    check('merchant_events_resend_is_whole', sql`num_nulls(${t.resentBy}, ${t.resendReason}, ${t.resentAt}) in (0, 3)`),
    uniqueIndex('merchant_events_day_key').on(t.mchid, t.date, t.subject).where(isSet(t.date)),
    index('merchant_events_untold')
      .on(t.mchid, t.createdAt)
      .where(sql`${isSet(t.date)} and ${is(t.status, 'exhausted')}`),
    index('merchant_events_of_order').on(t.mchid, t.orderNo, t.seq),
    index('merchant_events_of_merchant').on(t.mchid, t.seq),
    index('merchant_events_of_type').on(t.mchid, t.type, t.seq),
    index('merchant_events_sweep')
      .on(t.sweptAt.nullsFirst(), sql`coalesce(${t.nextAt}, ${t.createdAt})`)
      .where(is(t.status, 'pending')),
  ],
);

/** Every try to tell an event, and what came back; 0 when nothing did. */
export const deliveries = pgTable(
  'deliveries',
  {
    eventId: uuid('event_id').notNull(),
    seq: known(),
    knownAt: knownAt(),
    at: instant('at').notNull(),
    status: integer('status').notNull(),
    outcome: text('outcome').notNull(),
    durationMs: integer('duration_ms').notNull(),
  },
  (t) => [
    primaryKey({ name: 'deliveries_pkey', columns: [t.eventId, t.at] }),
    foreignKey({ name: 'deliveries_event_fkey', columns: [t.eventId], foreignColumns: [merchantEvents.id] }),
    check('deliveries_status_range', sql`${t.status} between 0 and 999`),
    check('deliveries_duration_ms_range', sql`${t.durationMs} >= 0`),
  ],
);

export const evidence = pgTable(
  'evidence',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    seq: known(),
    knownAt: knownAt(),
    ...ofOrder(),
    outTradeNo: identity('out_trade_no').notNull(),
    transactionId: text('transaction_id').notNull(),
    source: text('source', { enum: EVIDENCE_SOURCES }).notNull(),
    appid: text('appid').notNull(),
    tradeType: text('trade_type').notNull(),
    amountFen: fen('amount_fen').notNull(),
    currency: text('currency').notNull(),
    at: instant('at').notNull(),
  },
  (t) => [
    attemptKey('evidence', t),
    unique('evidence_fact_key').on(t.mchid, t.outTradeNo, t.transactionId, t.source),
    ...wordChecks(t),
    fenCheck('evidence', t.amountFen),
    index('evidence_of_order').on(t.mchid, t.orderNo, t.at, t.id),
  ],
);

export const gatewayCalls = pgTable(
  'gateway_calls',
  {
    id: bigint('id', { mode: 'bigint' })
      .primaryKey()
      .default(sql`nextval('timeline_seq')`),
    knownAt: knownAt(),
    ...ofOrder(),
    outTradeNo: identity('out_trade_no').notNull(),
    api: text('api', { enum: GATEWAY_APIS }).notNull(),
    at: instant('at').notNull(),
    outcome: text('outcome').notNull(),
    durationMs: integer('duration_ms').notNull(),
    gateway: jsonb('gateway'),
    nextAt: instant('next_at'),
    quietUntil: instant('quiet_until'),
  },
  (t) => [
    attemptKey('gateway_calls', t),
    ...wordChecks(t),
    check('gateway_calls_duration_ms_range', sql`${t.durationMs} >= 0`),
    index('gateway_calls_recent').on(t.mchid, t.at),
    index('gateway_calls_of_order').on(t.mchid, t.orderNo, t.id),
  ],
);

export const notifyInbox = pgTable(
  'notify_inbox',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    mchid: identity('mchid').notNull(),
    protocol: text('protocol', { enum: INBOX_PROTOCOLS }).notNull(),
    kind: text('kind', { enum: INBOX_KINDS }).notNull(),
    // WeChat Pay's word for what happened.
    eventType: text('event_type').notNull().default(''),
    key: text('key').notNull(),
    status: text('status', { enum: INBOX_STATUSES }).notNull(),
    // WeChat Pay's number as it came: not necessarily one of ours, hence no key to attempts. What is of another kind may name none.
    outTradeNo: identity('out_trade_no'),
    orderNo: identity('order_no'),
    outRefundNo: identity('out_refund_no'),
    evidence: jsonb('evidence').notNull(),
    serialNo: text('serial_no').notNull(),
    rawBody: bytes('raw_body').notNull(),
    headers: jsonb('headers').notNull(),
    receivedAt: instant('received_at').notNull(),
    signalledAt: instant('signalled_at'),
    deliveries: integer('deliveries').notNull().default(1),
    sweptAt: instant('swept_at'),
  },
  (t) => [
    unique('notify_inbox_delivery_key').on(t.mchid, t.protocol, t.kind, t.key),
    orderKey('notify_inbox', t),
    ...wordChecks(t),
    check('notify_inbox_refund_is_named', sql`(${t.kind} = 'refund') = (${t.outRefundNo} is not null)`),
    check('notify_inbox_deliveries_positive', sql`${t.deliveries} >= 1`),
    check('notify_inbox_trade_is_named', sql`${t.kind} = 'other' or ${t.outTradeNo} is not null`),
    check('notify_inbox_other_is_unsupported', sql`(${t.kind} = 'other') = (${t.status} = 'unsupported')`),
    check(
      'notify_inbox_unmatched_has_no_order',
      sql`(${t.status} in ('unmatched', 'unsupported')) = (${t.orderNo} is null)`,
    ),
    check(
      'notify_inbox_signalled_is_dated',
      sql`(${t.status} in ('signalled', 'duplicate')) = (${t.signalledAt} is not null)`,
    ),
    index('notify_inbox_list').on(t.receivedAt, t.id),
    index('notify_inbox_list_merchant').on(t.mchid, t.receivedAt, t.id),
    index('notify_inbox_of_order').on(t.mchid, t.orderNo, t.receivedAt, t.id).where(isSet(t.orderNo)),
    index('notify_inbox_unsupported').on(t.mchid, t.receivedAt, t.id).where(is(t.status, 'unsupported')),
    index('notify_inbox_unfinished')
      .on(t.status, t.receivedAt, t.id)
      .where(isAmong(t.status, UNFINISHED_INBOX_STATUSES)),
  ],
);

export const operatorActions = pgTable(
  'operator_actions',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    seq: known(),
    knownAt: knownAt(),
    ...ofOrder(),
    action: text('action', { enum: OPERATOR_ACTIONS }).notNull(),
    outRefundNo: identity('out_refund_no'),
    eventId: uuid('event_id'),
    parameters: jsonb('parameters').notNull(),
    /** What would go back to the payer by it, as far as PaySaga knew then: it counts against the limit of who asked. */
    amountFen: fen('amount_fen'),
    reason: text('reason'),
    actor: text('actor').notNull(),
    requestedAt: instant('requested_at').notNull(),
    outcome: text('outcome'),
    finishedAt: instant('finished_at'),
    /** The order as it stood when it was asked and when it was answered; with it the refund or event it is about. */
    before: jsonb('before'),
    after: jsonb('after'),
    bulkId: uuid('bulk_id'),
    sweptAt: instant('swept_at'),
  },
  (t) => [
    orderKey('operator_actions', t),
    refundKey('operator_actions', t),
    foreignKey({
      name: 'operator_actions_event_fkey',
      columns: [t.eventId],
      foreignColumns: [merchantEvents.id],
    }),
    foreignKey({ name: 'operator_actions_bulk_fkey', columns: [t.bulkId], foreignColumns: [bulks.id] }),
    uniqueIndex('operator_actions_open_key')
      .on(t.mchid, t.orderNo, t.action, sql`coalesce(${t.outRefundNo}, '')`, sql`coalesce(${t.eventId}::text, '')`)
      .where(isUnset(t.finishedAt)),
    ...wordChecks(t),
    fenCheck('operator_actions', t.amountFen, 1),
    check('operator_actions_finished_has_outcome', sql`(${t.finishedAt} is null) = (${t.outcome} is null)`),
    index('operator_actions_of_order').on(t.mchid, t.orderNo, t.requestedAt),
    index('operator_actions_sweep').on(t.sweptAt.nullsFirst(), t.requestedAt).where(isUnset(t.finishedAt)),
  ],
);

/** A refund that somebody asked for and another person has to approve. One a number for life; its order's lock guards it. */
export const approvals = pgTable(
  'approvals',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    ...ofOrder(),
    outRefundNo: identity('out_refund_no').notNull(),
    amountFen: fen('amount_fen').notNull(),
    /** What the payer reads at WeChat Pay. */
    reason: text('reason'),
    source: jsonb('source'),
    bodyHash: text('body_hash').notNull(),
    status: text('status', { enum: APPROVAL_STATUSES }).notNull().default('pending'),
    createdAt: instant('created_at').notNull(),
    askedByKey: uuid('asked_by_key').notNull(),
    /** Null where the shop's own backend asked. */
    askedByName: text('asked_by_name'),
    decidedAt: instant('decided_at'),
    decidedByKey: uuid('decided_by_key'),
    decidedByName: text('decided_by_name'),
    decisionReason: text('decision_reason'),
  },
  (t) => [
    orderKey('approvals', t),
    ...(['asked', 'decided'] as const).map((when) =>
      foreignKey({
        name: `approvals_${when}_by_fkey`,
        columns: [when === 'asked' ? t.askedByKey : t.decidedByKey],
        foreignColumns: [apiKeys.id],
      }),
    ),
    unique('approvals_refund_key').on(t.mchid, t.outRefundNo),
    ...wordChecks(t),
    fenCheck('approvals', t.amountFen, 1),
    check(
      'approvals_decided_is_whole',
      sql`num_nonnulls(${t.decidedAt}, ${t.decidedByKey}, ${t.decidedByName}, ${t.decisionReason})
        = case ${t.status} when 'pending' then 0 else 4 end`,
    ),
    check(
      'approvals_decided_by_another',
      sql`${t.decidedByKey} <> ${t.askedByKey} and ${t.decidedByName} is distinct from ${t.askedByName} or ${t.decidedByKey} is null`,
    ),
    index('approvals_of_order').on(t.mchid, t.orderNo),
    index('approvals_by_status').on(t.mchid, t.status, t.createdAt, t.id),
    index('approvals_waiting').on(t.mchid, t.createdAt).where(is(t.status, 'pending')),
  ],
);

/**
 * What rows that change once were: a line a change, written by their triggers in the transaction that makes it, and never
 * changed. Calls, evidence, events, deliveries and what people asked for are lines themselves.
 */
export const timeline = pgTable(
  'timeline',
  {
    seq: known().primaryKey(),
    ...ofOrder(),
    at: knownAt('at'),
    source: text('source', { enum: TIMELINE_SOURCES }).notNull(),
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    outcome: text('outcome'),
    amountFen: fen('amount_fen'),
    reason: text('reason'),
    detail: text('detail'),
    count: integer('count'),
    /** When it happened by WeChat Pay's clock. */
    wechatAt: instant('wechat_at'),
    gateway: jsonb('gateway'),
    actionId: uuid('action_id'),
  },
  (t) => [
    ...wordChecks(t),
    fenCheck('timeline', t.amountFen),
    index('timeline_of_order').on(t.mchid, t.orderNo, t.seq),
  ],
);

/** One decision about many orders; which ones was settled when it was taken. */
export const bulks = pgTable(
  'bulks',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    mchid: identity('mchid').notNull(),
    action: text('action', { enum: BULK_ACTIONS }).notNull(),
    filter: jsonb('filter').notNull(),
    until: instant('until'),
    reason: text('reason').notNull(),
    actor: text('actor').notNull(),
    createdAt: instant('created_at').notNull(),
    finishedAt: instant('finished_at'),
    sweptAt: instant('swept_at'),
  },
  (t) => [
    ...wordChecks(t),
    check('bulks_extend_has_time', sql`(${t.action} = 'extend') = (${t.until} is not null)`),
    index('bulks_list').on(t.mchid, t.createdAt, t.id),
    index('bulks_sweep').on(t.sweptAt.nullsFirst(), t.createdAt).where(isUnset(t.finishedAt)),
  ],
);

/** The orders of a bulk, by the numbers they were named by: not necessarily ones that exist. */
export const bulkOrders = pgTable(
  'bulk_orders',
  {
    bulkId: uuid('bulk_id').notNull(),
    seq: integer('seq').notNull(),
    orderNo: identity('order_no').notNull(),
    /** `done`, or the code of what kept it from being done. */
    outcome: text('outcome'),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    primaryKey({ name: 'bulk_orders_pkey', columns: [t.bulkId, t.seq] }),
    foreignKey({ name: 'bulk_orders_bulk_fkey', columns: [t.bulkId], foreignColumns: [bulks.id] }),
    unique('bulk_orders_order_key').on(t.bulkId, t.orderNo),
    check('bulk_orders_finished_has_outcome', sql`(${t.finishedAt} is null) = (${t.outcome} is null)`),
    index('bulk_orders_open').on(t.bulkId, t.seq).where(isUnset(t.finishedAt)),
    index('bulk_orders_failed')
      .on(t.bulkId, t.seq)
      .where(sql`${t.outcome} <> 'done'`),
  ],
);

const ofDay = () => ({ mchid: identity('mchid').notNull(), date: date('date', { mode: 'string' }).notNull() });

/** Numbers of what a discrepancy or an awaited payment or refund is about, as far as they are known. */
const numbers = () => ({
  orderNo: identity('order_no'),
  outTradeNo: identity('out_trade_no'),
  transactionId: text('transaction_id'),
  outRefundNo: identity('out_refund_no'),
  refundId: text('refund_id'),
});

/** A Beijing day of a merchant, held against WeChat Pay's bills. */
export const reconciliations = pgTable(
  'reconciliations',
  {
    ...ofDay(),
    state: text('state', { enum: DAY_STATES }).notNull().default('waiting'),
    /** From 1: the same day again is a new run over the same rows. */
    run: integer('run').notNull().default(1),
    waitsFor: text('waits_for', { enum: DAY_WAITS }),
    waitingSince: instant('waiting_since'),
    nextAt: instant('next_at'),
    /** Since when its workflow cannot go on. */
    stalledSince: instant('stalled_since'),
    failure: text('failure', { enum: DAY_FAILURES }),
    /** The person who asked for this run; null: the sweep. */
    askedBy: text('asked_by'),
    /** As the trade bill's summary says, in thousandths of a fen; may be negative. */
    feeMillifen: bigint('fee_millifen', { mode: 'number' }),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
    sweptAt: instant('swept_at'),
  },
  (t) => [
    primaryKey({ name: 'reconciliations_pkey', columns: [t.mchid, t.date] }),
    ...wordChecks(t),
    check('reconciliations_run_positive', sql`${t.run} >= 1`),
    check('reconciliations_waiting_is_dated', sql`(${t.waitsFor} is null) = (${t.waitingSince} is null)`),
    check('reconciliations_waits_while_waiting', sql`${t.waitsFor} is null or ${t.state} = 'waiting'`),
    check('reconciliations_failed_has_reason', sql`(${t.state} = 'failed') = (${t.failure} is not null)`),
    check('reconciliations_stalled_is_unfinished', sql`${t.stalledSince} is null or ${t.finishedAt} is null`),
    check('reconciliations_finished_is_known', sql`${t.finishedAt} is null or ${t.state} <> 'waiting'`),
    index('reconciliations_recent').on(t.date, t.mchid, t.state),
    index('reconciliations_sweep').on(t.sweptAt.nullsFirst(), t.startedAt).where(isUnset(t.finishedAt)),
  ],
);

export const bills = pgTable(
  'bills',
  {
    ...ofDay(),
    kind: text('kind', { enum: BILL_KINDS }).notNull(),
    state: text('state', { enum: BILL_STATES }).notNull().default('waiting'),
    /** Of an imported one: why the file that was to take its place was not trusted. */
    distrust: text('distrust', { enum: BILL_DISTRUSTS }),
    /** More of `distrust`, in words of ours: a line and a column, a figure, WeChat Pay's code. */
    distrustWhy: text('distrust_why'),
    /** Of the unzipped file, as WeChat Pay announced it, in small letters. */
    sha1: text('sha1'),
    lines: integer('lines').notNull().default(0),
    /** How far its import has come: the number of the last line that is stored, and a digest of all up to it. */
    lastLine: integer('last_line').notNull().default(0),
    digest: text('digest'),
    summary: jsonb('summary'),
    /** While another file may take the place of the one that is imported: its hash, and how far its import has come. */
    next: jsonb('next'),
    fetchedAt: instant('fetched_at'),
  },
  (t) => [
    primaryKey({ name: 'bills_pkey', columns: [t.mchid, t.date, t.kind] }),
    foreignKey({
      name: 'bills_reconciliation_fkey',
      columns: [t.mchid, t.date],
      foreignColumns: [reconciliations.mchid, reconciliations.date],
    }),
    ...wordChecks(t),
    check('bills_lines_range', sql`${t.lines} >= 0 and ${t.lastLine} >= ${t.lines}`),
    check(
      'bills_untrusted_has_reason',
      sql`case ${t.state} when 'untrusted' then ${t.distrust} is not null when 'imported' then true else ${t.distrust} is null end`,
    ),
    check('bills_why_is_of_distrust', sql`${t.distrustWhy} is null or ${t.distrust} is not null`),
    check('bills_next_is_of_imported', sql`${t.next} is null or ${t.state} = 'imported'`),
    check(
      'bills_imported_is_whole',
      sql`${t.state} <> 'imported' or (${t.sha1} is not null and ${t.summary} is not null)`,
    ),
    check('bills_none_has_no_lines', sql`${t.state} <> 'none' or ${t.lines} = 0`),
  ],
);

/**
 * The lines of all bills, a partition a day: they count only where their bill's row says `imported`. Neither the payer nor what was
 * sold is kept.
 */
export const billLines = pgTable(
  'bill_lines',
  {
    ...ofDay(),
    kind: text('kind', { enum: LINE_KINDS }).notNull(),
    lineNo: integer('line_no').notNull(),
    /** Of a fund line, which way the money went. */
    type: text('type', { enum: ['payment', 'refund', 'reversal', 'in', 'out'] }).notNull(),
    at: instant('at').notNull(),
    /** What a line is matched by: a payment's `transactionId`, a refund's `refundId`, a fund line's `businessNo`. */
    number: text('number').notNull(),
    appid: text('appid'),
    outTradeNo: identity('out_trade_no'),
    transactionId: text('transaction_id'),
    tradeType: text('trade_type'),
    outRefundNo: identity('out_refund_no'),
    refundType: text('refund_type'),
    refundStatus: text('refund_status'),
    /** What the payer paid, was to get back, or what was booked. */
    amountFen: fen('amount_fen').notNull(),
    /** Of it, what the merchant gets or gives; of a fund line, null. */
    settledFen: fen('settled_fen'),
    couponFen: fen('coupon_fen'),
    feeMillifen: bigint('fee_millifen', { mode: 'number' }),
    /** The rate as printed, in millionths; null where none is. */
    ratePpm: integer('rate_ppm'),
    flowNo: text('flow_no'),
    fundName: text('fund_name'),
    fundType: text('fund_type'),
    voucherNo: text('voucher_no'),
    /** Fen; an account can be overdrawn. */
    accountBalance: bigint('account_balance', { mode: 'number' }),
    /** Null: it was matched, or was not looked at yet. The first of several; the others are discrepancies. */
    class: text('class', { enum: CLASSES }),
    isDiscrepant: boolean('is_discrepant').notNull().default(false),
  },
  (t) => [
    primaryKey({ name: 'bill_lines_pkey', columns: [t.mchid, t.date, t.kind, t.lineNo] }),
    ...wordChecks(t),
    fenCheck('bill_lines', t.amountFen),
    fenCheck('bill_lines', t.settledFen),
    fenCheck('bill_lines', t.couponFen),
    check('bill_lines_line_no_positive', sql`${t.lineNo} >= 1`),
    check('bill_lines_type_of_kind', sql`(${t.kind} in ('fundflow', 'next_fundflow')) = (${t.type} in ('in', 'out'))`),
    check('bill_lines_discrepant_has_class', sql`not ${t.isDiscrepant} or ${t.class} is not null`),
    index('bill_lines_number').on(t.mchid, t.number, t.type),
    index('bill_lines_class').on(t.mchid, t.date, t.class, t.lineNo).where(isSet(t.class)),
  ],
);

/** A day by class, so that nothing that shows one counts lines. What is a discrepancy and what is none of it are two rows. */
export const reconciliationSums = pgTable(
  'reconciliation_sums',
  {
    ...ofDay(),
    class: text('class', { enum: CLASSES }).notNull(),
    subject: text('subject', { enum: SUBJECTS }).notNull(),
    isDiscrepant: boolean('is_discrepant').notNull(),
    count: integer('count').notNull(),
    /** Of these, discrepancies that are still open. */
    open: integer('open').notNull().default(0),
    billFen: fen('bill_fen').notNull(),
    ownFen: fen('own_fen').notNull(),
  },
  (t) => [
    primaryKey({ name: 'reconciliation_sums_pkey', columns: [t.mchid, t.date, t.class, t.subject, t.isDiscrepant] }),
    foreignKey({
      name: 'reconciliation_sums_reconciliation_fkey',
      columns: [t.mchid, t.date],
      foreignColumns: [reconciliations.mchid, reconciliations.date],
    }),
    ...wordChecks(t),
    check('reconciliation_sums_count_range', sql`${t.count} >= 0`),
    check('reconciliation_sums_open_range', sql`${t.open} between 0 and ${t.count}`),
    fenCheck('reconciliation_sums', t.billFen),
    fenCheck('reconciliation_sums', t.ownFen),
  ],
);

/** Own payments and refunds of a day that no bill has yet. They leave when a bill has them, or after three more bills. */
export const reconciliationPool = pgTable(
  'reconciliation_pool',
  {
    ...ofDay(),
    /** As of a discrepancy. */
    subjectKey: text('subject_key').notNull(),
    subject: text('subject', { enum: SUBJECTS }).notNull(),
    ...numbers(),
    ownFen: fen('own_fen').notNull(),
    at: instant('at').notNull(),
    leftAt: instant('left_at'),
  },
  (t) => [
    primaryKey({ name: 'reconciliation_pool_pkey', columns: [t.mchid, t.date, t.subjectKey] }),
    ...wordChecks(t),
    fenCheck('reconciliation_pool', t.ownFen),
    index('reconciliation_pool_open').on(t.mchid, t.date, t.subjectKey).where(isUnset(t.leftAt)),
  ],
);

/** A digest of what a discrepancy, or a row with its columns, says of both sides; `prefix` is `d.`, or nothing. */
export const figuresOf = (prefix: string): string => {
  const columns = ['bill_fen', 'own_fen', 'out_trade_no', 'transaction_id', 'out_refund_no', 'differences'];
  return `md5(${columns.map((name) => `coalesce(${prefix}${name}::text, '')`).join(` || ' ' || `)})`;
};

export const discrepancies = pgTable(
  'discrepancies',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    ...ofDay(),
    class: text('class', { enum: DISCREPANCY_CLASSES }).notNull(),
    /** `payment:<transactionId>`, `refund:<refundId>`, `account:<date>`: the same on every run. */
    subjectKey: text('subject_key').notNull(),
    subject: text('subject', { enum: SUBJECTS }).notNull(),
    /** The bill's line; null where no bill has one. */
    kind: text('kind', { enum: BILL_KINDS }),
    lineNo: integer('line_no'),
    ...numbers(),
    /** What each side says; null: nothing. Of a fund line, ours is what the trade bill says of it. */
    billFen: fen('bill_fen'),
    ownFen: fen('own_fen'),
    /** What else each side says, by field: `{"appid":{"bill":"wx1","own":"wx2"}}`. */
    differences: jsonb('differences').notNull(),
    status: text('status', { enum: DISCREPANCY_STATUSES }).notNull().default('open'),
    openedAt: instant('opened_at').notNull(),
    closedAt: instant('closed_at'),
    repairedBy: text('repaired_by', { enum: REPAIRS }),
    /** The person who last had WeChat Pay asked again, and why. */
    recheckedBy: text('rechecked_by'),
    recheckReason: text('recheck_reason'),
    recheckedAt: instant('rechecked_at'),
    /** The person who decided, and why. */
    closedBy: text('closed_by'),
    reason: text('reason'),
    /** Since when no run finds what a person decided; it is counted no longer. */
    goneAt: instant('gone_at'),
    /** What both sides say: other figures of the same subject are another discrepancy. */
    figures: text('figures')
      .notNull()
      .generatedAlwaysAs(sql.raw(figuresOf(''))),
  },
  (t) => [
    unique('discrepancies_figures_key').on(t.mchid, t.date, t.class, t.subjectKey, t.figures),
    check('discrepancies_gone_is_decided', sql`${t.goneAt} is null or ${t.status} in ('accepted', 'resolved')`),
    foreignKey({
      name: 'discrepancies_reconciliation_fkey',
      columns: [t.mchid, t.date],
      foreignColumns: [reconciliations.mchid, reconciliations.date],
    }),
    ...wordChecks(t),
    fenCheck('discrepancies', t.billFen),
    fenCheck('discrepancies', t.ownFen),
    check('discrepancies_line_is_whole', sql`(${t.kind} is null) = (${t.lineNo} is null)`),
    check(
      'discrepancies_recheck_is_whole',
      sql`num_nulls(${t.recheckedBy}, ${t.recheckReason}, ${t.recheckedAt}) in (0, 3)`,
    ),
    check('discrepancies_closed_is_dated', sql`(${t.status} = 'open') = (${t.closedAt} is null)`),
    check('discrepancies_repaired_has_repair', sql`(${t.status} = 'repaired') = (${t.repairedBy} is not null)`),
    check(
      'discrepancies_decided_has_reason',
      sql`(${t.status} in ('accepted', 'resolved')) = (${t.closedBy} is not null and ${t.reason} is not null)`,
    ),
    index('discrepancies_list').on(t.mchid, t.date, t.id),
    index('discrepancies_list_class').on(t.mchid, t.class, t.date, t.id),
    index('discrepancies_list_status').on(t.mchid, t.status, t.date, t.id),
    index('discrepancies_open').on(t.mchid, t.class, t.openedAt).where(is(t.status, 'open')),
  ],
);

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    kind: text('kind', { enum: ['merchant', 'operator'] }).notNull(),
    name: text('name'),
    mchids: text('mchids').array().notNull(),
    hash: text('hash').notNull(),
    role: text('role', { enum: OPERATOR_ROLES }).notNull().default('operator'),
    /** How much this person may give back of one order; null: no limit. */
    refundLimitFen: fen('refund_limit_fen'),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    unique('api_keys_hash_key').on(t.hash),
    ...wordChecks(t),
    fenCheck('api_keys', t.refundLimitFen),
    check(
      'api_keys_only_operators_are_limited',
      sql`(${t.kind} = 'operator' and ${t.role} = 'operator') or ${t.refundLimitFen} is null`,
    ),
    check('api_keys_only_operators_have_roles', sql`${t.kind} = 'operator' or ${t.role} = 'operator'`),
    check('api_keys_merchant_has_one_mchid', sql`${t.kind} <> 'merchant' or cardinality(${t.mchids}) = 1`),
    check(
      'api_keys_operator_is_named',
      sql`${t.kind} <> 'operator' or (${t.name} is not null and cardinality(${t.mchids}) >= 1)`,
    ),
  ],
);

/** The last sweep, one row for all workers: where it is old, whoever notices sweeps. */
export const sweeps = pgTable(
  'sweeps',
  {
    only: boolean('only').primaryKey().default(true),
    finishedAt: instant('finished_at').notNull(),
    /** The Schedule in Temporal, or a worker that missed it. */
    by: text('by', { enum: ['schedule', 'worker'] }).notNull(),
  },
  (t) => [check('sweeps_one_row', sql`${t.only}`), ...wordChecks(t)],
);

export const orderTransitions = transitions('order');
export const attemptTransitions = transitions('attempt');
export const fulfilmentTransitions = transitions('fulfilment');
export const refundTransitions = transitions('refund');
export const discrepancyTransitions = transitions('discrepancy');

/** Filled by the migrations; read by the triggers that refuse any other move. */
function transitions(of: string) {
  const columns = { fromState: text('from_state').notNull(), toState: text('to_state').notNull() };
  return pgTable(`${of}_transitions`, columns, (t) => [
    primaryKey({ name: `${of}_transitions_pkey`, columns: [t.fromState, t.toState] }),
  ]);
}

type OfOrder = { readonly mchid: PgColumn; readonly orderNo: PgColumn };

const orderKey = (table: string, t: OfOrder) =>
  foreignKey({
    name: `${table}_order_fkey`,
    columns: [t.mchid, t.orderNo],
    foreignColumns: [orders.mchid, orders.orderNo],
  });

const attemptKey = (table: string, t: OfOrder & { readonly outTradeNo: PgColumn }) =>
  foreignKey({
    name: `${table}_attempt_fkey`,
    columns: [t.mchid, t.orderNo, t.outTradeNo],
    foreignColumns: [attempts.mchid, attempts.orderNo, attempts.outTradeNo],
  });

const refundKey = (table: string, t: { readonly mchid: PgColumn; readonly outRefundNo: PgColumn }) =>
  foreignKey({
    name: `${table}_refund_fkey`,
    columns: [t.mchid, t.outRefundNo],
    foreignColumns: [refunds.mchid, refunds.outRefundNo],
  });
