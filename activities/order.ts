import { mayHaveHappened, type PrepayAnswer, type TradeAnswer } from '../src/orders/rules/gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../src/base/ids.js';
import type { PendingEvent } from '../src/shop-events/rules/event.js';
import type { Fen } from '../src/base/money.js';
import type { OrderEvent } from '../src/orders/rules/events.js';
import type { OrderProjection } from '../src/orders/rules/projection.js';
import { storedEvidence, storedOrder, type LoadedOrder } from '../src/orders/rules/stored.js';
import type { CloseOutcome, GatewayReply } from '../src/orders/rules/trouble.js';
import { requestsHeard } from '../src/orders/rules/requests.js';
import { codeLifeMs } from '../src/orders/rules/product.js';
import { isOwn, type RefundCause } from '../src/refunds/rules/states.js';
import {
  beginPrepay,
  keptCodeExpiresAt,
  recordPrepayFailed,
  recordPrepayOpened,
  loadAttemptParameters,
} from '../src/orders/store/prepay.js';
import { reserveNextAttempt } from '../src/orders/store/attempt.js';
import { listEvidence } from '../src/orders/store/evidence.js';
import { markNotWritten } from '../src/orders/store/change.js';
import { pendingEvents } from '../src/shop-events/store/outbox.js';
import { loadOrder } from '../src/orders/store/order.js';
import { projectOrder } from '../src/orders/store/projection.js';
import { reserveReturn } from '../src/refunds/store/reserve.js';
import { unansweredRequests } from '../src/actions/store/unfinished.js';
import { GatewayError } from '../src/channels/port.js';
import { callGateway, type GatewayCall, type GatewayCallInput, type GatewayDeps } from './gateway-call.js';
import { pollTrade, queryOf, type PollInput, type PollReply } from './poll.js';
import { written, type WriteInput, type Unwritten } from './written.js';

/** What a prepay came to; codes stay in Postgres, a refusal's message too. */
export type PrepayOutcome = {
  readonly kind: PrepayAnswer['kind'];
  readonly codeExpiresAtMs: number | null;
  readonly earlierUnknown: boolean;
  readonly refusedWith?: string | null;
};

/** `limitedForMs`: for so long it must not be made again. */
type CloseReply = {
  readonly outcome: CloseOutcome;
  readonly refusedWith?: string | null;
  readonly limitedForMs?: number | null;
};

/** `codeExpiresAtMs`: of the code that the order knows of. */
export type PrepayInput = GatewayCallInput & { readonly codeExpiresAtMs: number | null };

type Projected = {
  readonly kind: 'written';
  readonly applied: boolean;
  readonly events: readonly PendingEvent[];
};

export type ReturnInput = OrderRef & WriteInput & { readonly outTradeNo: OutTradeNo; readonly cause: RefundCause };

/** `after`: the last number, whose parameters the next one takes. */
export type NextNumberInput = OrderRef & WriteInput & { readonly after: OutTradeNo };

/** `null`: there is no next number any more. */
type NextReserved = { readonly kind: 'reserved'; readonly outTradeNo: OutTradeNo | null };

export type ReturnReserved =
  | { readonly kind: 'reserved'; readonly outRefundNo: OutRefundNo; readonly amountFen: Fen }
  | { readonly kind: 'nothing' | 'refused' };

type OrderRef = { readonly mchid: Mchid; readonly orderNo: OrderNo };

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/** One order's I/O. Every activity may run twice: the same call with the same numbers, or a write that is refused. */
export function createOrderActivities(deps: GatewayDeps) {
  return {
    prepay: (input: PrepayInput): Promise<GatewayReply<PrepayOutcome>> => prepay(deps, input),

    queryTrade: (input: GatewayCallInput): Promise<GatewayReply<TradeAnswer>> =>
      callGateway(deps, input, { api: 'query', run: queryOf(deps, input) }),

    pollTrade: (input: PollInput): Promise<PollReply> => pollTrade(deps, input),

    closeTrade: (input: GatewayCallInput): Promise<CloseReply> => closeTrade(deps, input),

    projectOrder: ({ unwritten, ...projection }: OrderProjection & WriteInput): Promise<Projected | Unwritten> =>
      written(
        { unwritten },
        async () => {
          const { applied, events, record, before } = await projectOrder(deps.db, projection, deps.now());
          if (record.state !== before) deps.observe?.orderMoved(record);
          return { kind: 'written', applied, events };
        },
        () => markNotWritten(deps.db, projection, deps.now()),
      ),

    reserveNextAttempt: ({ after, unwritten, ...ref }: NextNumberInput): Promise<NextReserved | Unwritten> =>
      written(
        { unwritten },
        async () => {
          const attempt = await reserveNextAttempt(deps.db, ref, after);
          return { kind: 'reserved', outTradeNo: attempt?.outTradeNo ?? null };
        },
        () => markNotWritten(deps.db, ref, deps.now()),
      ),

    reserveReturn: ({ unwritten, cause, ...ref }: ReturnInput): Promise<ReturnReserved | Unwritten> =>
      written(
        { unwritten },
        async () => {
          if (!isOwn(cause)) throw new Error('only PaySaga returns money of its own accord');
          const reserved = await reserveReturn(deps.db, { ...ref, cause, now: deps.now() });
          if (reserved.kind !== 'reserved') return { kind: reserved.kind };
          const { outRefundNo, amountFen } = reserved.refund;
          return { kind: 'reserved', outRefundNo, amountFen };
        },
        () => markNotWritten(deps.db, ref, deps.now()),
      ),

    async loadOrder(ref: OrderRef): Promise<LoadedOrder | null> {
      const record = await loadOrder(deps.db, ref);
      if (record === undefined) return null;
      const outbox = await pendingEvents(deps.db, { ...ref, outRefundNo: null });
      const evidence = (await listEvidence(deps.db, ref)).map(storedEvidence);
      const asked = requestsHeard(await unansweredRequests(deps.db, ref), record, deps.now());
      return { order: storedOrder(record), outbox, evidence, asked };
    },

    /** What the order's loop is to hear before it says that time is over. */
    async unheard(ref: OrderRef): Promise<readonly OrderEvent[]> {
      const record = await loadOrder(deps.db, ref);
      return record === undefined ? [] : requestsHeard(await unansweredRequests(deps.db, ref), record, deps.now());
    },
  };
}

/** Tried once: without an answer nobody knows whether it happened, and a query has to tell. */
async function closeTrade(deps: GatewayDeps, input: GatewayCallInput): Promise<CloseReply> {
  const reply = await callGateway<Omit<CloseReply, 'outcome'> & { readonly kind: CloseOutcome }>(deps, input, {
    api: 'close',
    run: async (gateway, options) => {
      const answer = await gateway.close({ outTradeNo: input.outTradeNo }, options);
      return 'refusal' in answer ? { kind: answer.kind, refusedWith: answer.refusal.code } : answer;
    },
    unanswered: ({ code, gatewayCode, retryAfterMs: limitedForMs }) =>
      code === 'merchant_config'
        ? { kind: 'misconfigured', refusedWith: gatewayCode, limitedForMs }
        : { kind: 'unanswered', limitedForMs },
  });
  if (reply.kind !== 'answer') return { outcome: 'unanswered' };
  const { kind: outcome, ...said } = reply.answer;
  return { outcome, ...said };
}

/**
 * The exact body is stored before the first call and sent again byte for byte: WeChat Pay refuses a re-entry that differs. What
 * it hands out is stored in the same transaction that opens the attempt. A code that an earlier try stored is the one that payers
 * see, even if its answer never reached the order: another would replace it.
 */
async function prepay(deps: GatewayDeps, input: PrepayInput): Promise<GatewayReply<PrepayOutcome>> {
  const keptMs = (await keptCodeExpiresAt(deps.db, input))?.getTime() ?? 0;
  if (keptMs > Math.max(input.codeExpiresAtMs ?? 0, deps.now().getTime()))
    return { kind: 'answer', answer: { kind: 'opened', codeExpiresAtMs: keptMs, earlierUnknown: false } };
  const run: GatewayCall<PrepayOutcome>['run'] = async (gateway, options, call) => {
    const { mchid, orderNo, outTradeNo } = input;
    const parameters = await loadAttemptParameters(deps.db, { mchid, outTradeNo });
    if (parameters === undefined) throw new Error(`attempt ${outTradeNo} has no row`);
    const startedAt = deps.now();
    const bytes = parameters.prepayBody ?? gateway.prepayBody(parameters);
    const begun = await beginPrepay(deps.db, input, bytes, startedAt);
    const earlierUnknown = begun.earlierUnknown || call.earlierUnknown;
    const answer = await gateway
      .prepay({ product: parameters.product, body: begun.body }, options)
      .catch(async (error: unknown) => {
        const isCertain = error instanceof GatewayError && !mayHaveHappened(error.code);
        if (isCertain) await recordPrepayFailed(deps.db, input, { earlierUnknown });
        throw error;
      });
    await call.note(answer.kind);
    if (answer.kind === 'opened') {
      const codeExpiresAt = new Date(startedAt.getTime() + codeLifeMs(parameters.product));
      await recordPrepayOpened(deps.db, {
        ...{ mchid, orderNo, outTradeNo, codes: answer.codes },
        ...{ codeExpiresAt, now: deps.now() },
      });
      return { kind: 'opened', codeExpiresAtMs: codeExpiresAt.getTime(), earlierUnknown };
    }
    // Opened with other parameters: no earlier prepay of the same bytes can have taken effect.
    const mayBeEarlier = earlierUnknown && answer.kind !== 'taken';
    await recordPrepayFailed(deps.db, input, { earlierUnknown: mayBeEarlier, refusal: answer.refusal });
    return { kind: answer.kind, codeExpiresAtMs: null, earlierUnknown: mayBeEarlier, refusedWith: answer.refusal.code };
  };
  return callGateway(deps, input, { api: 'prepay', run });
}
