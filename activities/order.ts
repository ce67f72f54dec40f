import type { CloseAnswer, PrepayAnswer, TradeAnswer } from '../src/domain/gateway-answer.js';
import type { Mchid, OrderNo } from '../src/domain/ids.js';
import { factsOfRecord } from '../src/domain/order/loaded.js';
import type { OrderProjection } from '../src/domain/order/projection.js';
import type { OrderState } from '../src/domain/order/state.js';
import type { GatewayReply } from '../src/domain/order/trouble.js';
import { codeLifeMs } from '../src/domain/product.js';
import { beginPrepay, recordPrepayOpened, recordPrepayRefused } from '../src/db/attempt.js';
import { listEvidence } from '../src/db/evidence.js';
import { loadAttemptParameters, loadOrder } from '../src/db/order.js';
import { projectOrder } from '../src/db/projection.js';
import { callGateway, type GatewayCall, type GatewayCallInput, type GatewayDeps } from './gateway-call.js';
import { pollTrade, queryOf, type PollInput, type PollReply } from './poll.js';
import { withUnconfirmedEvidence } from './unconfirmed-evidence.js';

/** What a prepay came to; codes stay in Postgres, a refusal's message too. */
export type PrepayOutcome = {
  readonly kind: PrepayAnswer['kind'];
  readonly codeExpiresAtMs: number | null;
  readonly earlierUnknown: boolean;
};

export type OrderActivities = ReturnType<typeof createOrderActivities>;

/** One order's I/O. Every activity may run twice: the same call with the same numbers, or a write that is refused. */
export function createOrderActivities(deps: GatewayDeps) {
  return {
    prepay: (input: GatewayCallInput): Promise<GatewayReply<PrepayOutcome>> => prepay(deps, input),

    queryTrade: (input: GatewayCallInput): Promise<GatewayReply<TradeAnswer>> =>
      callGateway(deps, input, { api: 'query', run: queryOf(deps, input) }),

    pollTrade: (input: PollInput): Promise<PollReply> => pollTrade(deps, input),

    closeTrade: (input: GatewayCallInput): Promise<GatewayReply<{ readonly kind: CloseAnswer['kind'] }>> =>
      callGateway(deps, input, {
        api: 'close',
        run: async (gateway, options) => {
          const { kind } = await gateway.close({ outTradeNo: input.outTradeNo }, options);
          return { kind };
        },
      }),

    async projectOrder(projection: OrderProjection): Promise<{ applied: boolean }> {
      const { applied } = await projectOrder(deps.db, projection, deps.now());
      return { applied };
    },

    async loadOrder(ref: { readonly mchid: Mchid; readonly orderNo: OrderNo }): Promise<OrderState | null> {
      const record = await loadOrder(deps.db, ref);
      if (record === undefined) return null;
      return withUnconfirmedEvidence(factsOfRecord(record), await listEvidence(deps.db, ref), deps.now().getTime());
    },
  };
}

/**
 * The exact body is stored before the first call and sent again byte for byte: WeChat Pay refuses a re-entry that differs. What
 * it hands out is stored in the same transaction that opens the attempt.
 */
async function prepay(deps: GatewayDeps, input: GatewayCallInput): Promise<GatewayReply<PrepayOutcome>> {
  const run: GatewayCall<PrepayOutcome>['run'] = async (gateway, options, earlierUnknown) => {
    const { mchid, outTradeNo } = input;
    const parameters = await loadAttemptParameters(deps.db, { mchid, outTradeNo });
    if (parameters === undefined) throw new Error(`attempt ${outTradeNo} has no row`);
    const startedAt = deps.now();
    const body = await beginPrepay(deps.db, input, parameters.prepayBody ?? gateway.prepayBody(parameters), startedAt);
    const answer = await gateway.prepay({ product: parameters.product, body }, options);
    if (answer.kind === 'opened') {
      const codeExpiresAt = new Date(startedAt.getTime() + codeLifeMs(parameters.product));
      await recordPrepayOpened(deps.db, { mchid, outTradeNo, codes: answer.codes, codeExpiresAt, now: deps.now() });
      return { kind: 'opened', codeExpiresAtMs: codeExpiresAt.getTime(), earlierUnknown };
    }
    await recordPrepayRefused(deps.db, { mchid, outTradeNo, refusal: answer.refusal });
    return { kind: answer.kind, codeExpiresAtMs: null, earlierUnknown };
  };
  return callGateway(deps, input, { api: 'prepay', run });
}
