import {
  mayHaveHappened,
  type PrepayAnswer,
  type TradeAnswer,
  isNews,
  isOver,
  type PaidTrade,
} from '../src/orders/rules/gateway-answer.js';
import type { OutTradeNo } from '../src/base/ids.js';
import type { OrderEvent } from '../src/orders/rules/events.js';
import type { OrderProjection } from '../src/orders/rules/projection.js';
import { storedEvidence, storedOrder, type LoadedOrder } from '../src/orders/rules/stored.js';
import type { CloseOutcome, GatewayReply, PollReply } from '../src/orders/rules/trouble.js';
import { requestsHeard } from '../src/orders/rules/requests.js';
import { codeLifeMs } from '../src/orders/rules/product.js';
import { isOwn, type RefundCause } from '../src/refunds/rules/states.js';
import {
  beginPrepay,
  recordPrepayFailed,
  recordPrepayOpened,
  loadAttemptParameters,
} from '../src/orders/store/prepay.js';
import { reserveNextAttempt } from '../src/orders/store/attempt.js';
import { listEvidence, recordTrade } from '../src/orders/store/evidence.js';
import { markNotWritten } from '../src/orders/store/change.js';
import { pendingEvents } from '../src/shop-events/store/outbox.js';
import { loadOrder, type OrderRef } from '../src/orders/store/order.js';
import { projectOrder } from '../src/orders/store/projection.js';
import { reserveReturn } from '../src/refunds/store/reserve.js';
import { unansweredRequests } from '../src/actions/store/unfinished.js';
import { GatewayError } from '../src/channels/port.js';
import { charge } from './charge.js';
import {
  callGateway,
  lateMs,
  pollGateway,
  type GatewayCall,
  type GatewayCallInput,
  type GatewayDeps,
} from './gateway-call.js';
import { written, type WriteInput } from './retry.js';
import { paceOf, pollDelayMs, thinnedMs } from '../src/orders/rules/schedules.js';
import { knownRefunds } from '../src/refunds/store/apply.js';

/** What a prepay came to; codes stay in Postgres, a refusal's message too. */
type PrepayOutcome = {
  readonly kind: PrepayAnswer['kind'];
  readonly codeExpiresAtMs: number | null;
  /** With a code: how far apart it is polled. */
  readonly pace?: number;
  readonly earlierUnknown: boolean;
  readonly refusedWith?: string | null;
  /** No earlier prepay of this number took effect. */
  readonly settlesEarlier?: boolean;
};

/** `limitedForMs`: for so long it must not be made again. */
type CloseReply = {
  readonly outcome: CloseOutcome;
  readonly refusedWith?: string | null;
  readonly limitedForMs?: number | null;
  /** With `tooEarly`. */
  readonly notBeforeMs?: number;
};

/**
 * `openedAtMs`: when its first code was given. `againInMs`: to the next close, by the order's schedule. `reverse`: it is a charge of
 * this appid.
 */
type CloseInput = GatewayCallInput & {
  readonly openedAtMs?: number;
  readonly againInMs?: number;
  readonly reverse?: { readonly appid: string };
};

/** `codeExpiresAtMs`: of the code that the order knows of. */
type PrepayInput = GatewayCallInput & { readonly codeExpiresAtMs: number | null };

/** `everyMs`: in place of the rule. */
type PollInput = GatewayCallInput & { readonly openedAtMs: number; readonly everyMs?: number };

type ReturnInput = OrderRef & WriteInput & { readonly outTradeNo: OutTradeNo; readonly cause: RefundCause };

/** `after`: the last number, whose parameters the next one takes. */
type NextNumberInput = OrderRef & WriteInput & { readonly after: OutTradeNo };

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/** One order's I/O. Every activity may run twice: the same call with the same numbers, or a write that is refused. */
export function createOrderActivities(deps: GatewayDeps) {
  const { db, now } = deps;
  const keep = <Answer>(input: OrderRef & WriteInput, write: () => Promise<Answer>) =>
    written(input, write, () => markNotWritten(db, input, now()));
  return {
    prepay: (input: PrepayInput): Promise<GatewayReply<PrepayOutcome>> => prepay(deps, input),

    charge: (input: GatewayCallInput) => charge(deps, input),

    queryTrade: (input: GatewayCallInput): Promise<GatewayReply<TradeAnswer>> =>
      callGateway(deps, input, queryOf(deps, input)),

    pollTrade(input: PollInput): Promise<PollReply<TradeAnswer>> {
      const { outTradeNo, openedAtMs, everyMs } = input;
      const ruleMs = pollDelayMs(now().getTime() - openedAtMs, paceOf(outTradeNo));
      const againMs = everyMs ?? thinnedMs(ruleMs, { lateMs: lateMs(deps), timesPutOff: 0 });
      const againInMs = (answer: TradeAnswer): number | null =>
        isNews(answer.kind) || isOver(answer) ? null : againMs;
      // Somebody waits at the till for what becomes of a charge.
      const rank = everyMs === undefined ? { pollEveryMs: ruleMs } : {};
      const call = { ...queryOf(deps, input), ...rank, againInMs };
      return pollGateway(deps, input, call, { message: 'not paid yet', type: 'not_paid_yet' });
    },

    closeTrade: (input: CloseInput): Promise<CloseReply> => closeTrade(deps, input),

    projectOrder: (projection: OrderProjection & WriteInput) =>
      keep(projection, async () => {
        const { applied, events, record, before, found } = await projectOrder(db, projection, now());
        if (record.state !== before) deps.observe?.orderMoved(record, found);
        return { kind: 'written', applied, events } as const;
      }),

    /** No `outTradeNo`: there is no next number any more. */
    reserveNextAttempt: (input: NextNumberInput) =>
      keep(input, async () => {
        const attempt = await reserveNextAttempt(db, input, input.after);
        return { kind: 'reserved', outTradeNo: attempt?.outTradeNo ?? null } as const;
      }),

    reserveReturn: ({ cause, ...input }: ReturnInput) =>
      keep(input, async () => {
        if (!isOwn(cause)) throw new Error('only PaySaga returns money of its own accord');
        const reserved = await reserveReturn(db, { ...input, cause, now: now() });
        if (reserved.kind !== 'reserved') return { kind: reserved.kind };
        const { outRefundNo, amountFen } = reserved.refund;
        return { kind: reserved.kind, outRefundNo, amountFen };
      }),

    async loadOrder(ref: OrderRef): Promise<LoadedOrder | null> {
      const record = await loadOrder(db, ref);
      if (record === undefined) return null;
      const outbox = await pendingEvents(db, { ...ref, outRefundNo: null });
      const evidence = (await listEvidence(db, ref)).map(storedEvidence);
      const asked = requestsHeard(await unansweredRequests(db, ref), record, now());
      return { order: storedOrder(record), outbox, evidence, asked };
    },

    /** What the order's loop is to hear before it says that time is over. */
    async unheard(ref: OrderRef): Promise<readonly OrderEvent[]> {
      const record = await loadOrder(db, ref);
      return record === undefined ? [] : requestsHeard(await unansweredRequests(db, ref), record, now());
    },
  };
}

/** Tried once: without an answer nobody knows whether it happened, and a query has to tell. */
async function closeTrade(deps: GatewayDeps, input: CloseInput): Promise<CloseReply> {
  const { outTradeNo, openedAtMs, reverse } = input;
  const reply = await callGateway<Omit<CloseReply, 'outcome'> & { readonly kind: CloseOutcome }>(deps, input, {
    api: reverse === undefined ? 'close' : 'reverse',
    run: async (gateway, options) => {
      const answer =
        reverse === undefined
          ? await gateway.close({ outTradeNo, openedAtMs }, options)
          : await gateway.reverse({ outTradeNo, appid: reverse.appid }, options);
      return 'refusal' in answer ? { kind: answer.kind, refusedWith: answer.refusal.code } : answer;
    },
    againInMs: ({ kind }) => (isCloseHeard(kind) ? null : (input.againInMs ?? null)),
    unanswered: ({ code, gatewayCode, retryAfterMs: limitedForMs }) =>
      code === 'merchant_config'
        ? { kind: 'misconfigured', refusedWith: gatewayCode, limitedForMs }
        : { kind: 'unanswered', limitedForMs },
  });
  if (reply.kind !== 'answer') return { outcome: 'unanswered' };
  const { kind: outcome, ...said } = reply.answer;
  return { outcome, ...said };
}

/** WeChat Pay took it, or its time has not come: a query, or that time, says what is next. */
const isCloseHeard = (outcome: CloseOutcome): boolean =>
  outcome === 'accepted' || outcome === 'alreadyPaid' || outcome === 'alreadyClosed' || outcome === 'tooEarly';

/**
 * The exact body is stored before the first call and sent again byte for byte: WeChat Pay refuses a re-entry that differs. A code
 * that an earlier try stored is the one that payers see, even if its answer never reached the order: another would replace it.
 */
async function prepay(deps: GatewayDeps, input: PrepayInput): Promise<GatewayReply<PrepayOutcome>> {
  const { mchid, orderNo, outTradeNo } = input;
  const parameters = await loadAttemptParameters(deps.db, input);
  if (parameters === undefined) throw new Error(`attempt ${outTradeNo} has no row`);
  const pace = paceOf(outTradeNo);
  const keptMs = parameters.codeKeptUntil?.getTime() ?? 0;
  if (keptMs > Math.max(input.codeExpiresAtMs ?? 0, deps.now().getTime()))
    return { kind: 'answer', answer: { kind: 'opened', codeExpiresAtMs: keptMs, pace, earlierUnknown: false } };
  const run: GatewayCall<PrepayOutcome>['run'] = async (gateway, options, call) => {
    const { product } = parameters;
    if (product === 'codeScan') throw new Error(`charge ${outTradeNo} has no prepay`);
    const startedAt = deps.now();
    const bytes = parameters.prepayBody ?? gateway.prepayBody(parameters);
    const begun = await beginPrepay(deps.db, input, bytes, startedAt);
    const earlierUnknown = begun.earlierUnknown || call.earlierUnknown;
    const { serial } = parameters.identity ?? {};
    const answer = await gateway
      .prepay({ product, body: begun.body, serial }, options)
      .catch(async (error: unknown) => {
        const isCertain = error instanceof GatewayError && !mayHaveHappened(error.code);
        if (isCertain) await recordPrepayFailed(deps.db, input, { earlierUnknown });
        throw error;
      });
    if (answer.kind === 'opened') {
      const codeExpiresAt = new Date(startedAt.getTime() + codeLifeMs(product));
      const opened = { mchid, orderNo, outTradeNo, codes: answer.codes, codeExpiresAt, now: deps.now() };
      await recordPrepayOpened(deps.db, opened, call.noted(answer.kind));
      return { kind: 'opened', codeExpiresAtMs: codeExpiresAt.getTime(), pace, earlierUnknown };
    }
    await call.note(answer.kind);
    // An earlier prepay had the same bytes: one that took effect would be entered again, or be in the way, paid or closed.
    const settlesEarlier = answer.kind !== 'conflict' && !begun.codeGiven;
    const mayBeEarlier = earlierUnknown && !settlesEarlier;
    await recordPrepayFailed(deps.db, input, { earlierUnknown: mayBeEarlier, refusal: answer.refusal });
    const said = { earlierUnknown: mayBeEarlier, settlesEarlier, refusedWith: answer.refusal.code };
    return { kind: answer.kind, codeExpiresAtMs: null, ...said };
  };
  return callGateway(deps, input, { api: 'prepay', run });
}

function queryOf(deps: GatewayDeps, input: GatewayCallInput): GatewayCall<TradeAnswer> {
  const run: GatewayCall<TradeAnswer>['run'] = async (gateway, options, { noted }) => {
    const { orderNo, outTradeNo } = input;
    const answer = await gateway.query({ outTradeNo }, options);
    if (answer.kind !== 'paid' && answer.kind !== 'refunded') return answer;
    const { trade } = answer;
    const known: TradeAnswer =
      answer.kind === 'paid' ? { kind: 'paid', trade } : await refundedOrPaid(deps, input, trade);
    const fact = { ...trade, source: 'query', outTradeNo, orderNo } as const;
    await recordTrade(deps.db, noted(known.kind), { fact, payment: answer.payment, at: deps.now() });
    return known;
  };
  return { api: 'query', run };
}

/** After any refund WeChat Pay says REFUND. If it is one that is known, the trade is as paid as before. */
async function refundedOrPaid({ db }: GatewayDeps, ref: GatewayCallInput, trade: PaidTrade): Promise<TradeAnswer> {
  const backFen = await knownRefunds(db, ref);
  return backFen === null ? { kind: 'refunded', trade } : { kind: 'paid', trade, backFen };
}
