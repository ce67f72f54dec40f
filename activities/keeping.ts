import type {
  GatewayApi,
  GatewayRefusal,
  QueriedRefund,
  RefundAnswer,
  RefundQueryAnswer,
} from '../src/orders/rules/gateway-answer.js';
import type { Mchid, OutRefundNo, OutTradeNo } from '../src/base/ids.js';
import { recordAttemptAnswer } from '../src/orders/store/attempt.js';
import type { Db } from '../src/db/connection.js';
import type { OrderRef } from '../src/orders/store/order.js';
import { recordRefundDetails } from '../src/refunds/store/record.js';
import { recordRefundAnswer } from '../src/refunds/store/apply.js';
import type { Gateway } from '../src/channels/port.js';

type Refusing = { readonly kind: string; readonly refusal: GatewayRefusal };

type WithoutDetails<Answer> = Answer extends { readonly details: unknown } ? Omit<Answer, 'details'> : Answer;

/** A gateway whose answers about refunds say only what decides: the rest is in Postgres by then. */
export type KeepingGateway = Omit<Gateway, 'refund' | 'abnormalRefund' | 'queryRefund'> & {
  refund(...call: Parameters<Gateway['refund']>): Promise<WithoutDetails<RefundAnswer>>;
  abnormalRefund(...call: Parameters<Gateway['abnormalRefund']>): Promise<WithoutDetails<RefundAnswer>>;
  queryRefund(...call: Parameters<Gateway['queryRefund']>): Promise<RefundQueryAnswer>;
  /** Of a refund that has no row yet: whoever writes it keeps all of it. */
  findRefund(...call: Parameters<Gateway['queryRefund']>): Promise<QueriedRefund>;
};

/** Keeps what WeChat Pay says beside what decides, and tells what it refused with. */
export function keeping(
  gateway: Gateway,
  { db, mchid }: { readonly db: Db; readonly mchid: Mchid },
  heard: (refusal: GatewayRefusal) => void,
): KeepingGateway {
  const listening = <Answer extends { readonly kind: string } | Refusing>(answer: Answer): Answer => {
    if ('refusal' in answer) heard(answer.refusal);
    return answer;
  };
  const applied = async (answer: RefundAnswer, outRefundNo: OutRefundNo): Promise<WithoutDetails<RefundAnswer>> => {
    if (answer.kind !== 'accepted') return listening(answer);
    const { kind, refund, details } = answer;
    await recordRefundDetails(db, { mchid, outRefundNo }, { refund, details });
    return { kind, refund };
  };
  return {
    ...gateway,
    prepay: async (...call) => listening(await gateway.prepay(...call)),
    charge: async (...call) => listening(await gateway.charge(...call)),
    reverse: async (...call) => listening(await gateway.reverse(...call)),
    close: async (...call) => listening(await gateway.close(...call)),
    refund: async (request, options) => applied(await gateway.refund(request, options), request.outRefundNo),
    abnormalRefund: async (request, options) =>
      applied(await gateway.abnormalRefund(request, options), request.outRefundNo),
    findRefund: (...call) => gateway.queryRefund(...call),
    queryRefund: async ({ outRefundNo }, options) => {
      const answer = await gateway.queryRefund({ outRefundNo }, options);
      if (answer.kind !== 'found') return answer;
      const { kind, refund, details } = answer;
      await recordRefundDetails(db, { mchid, outRefundNo }, { refund, details });
      return { kind, refund };
    },
  };
}

type AskedFor = OrderRef & { readonly outTradeNo: OutTradeNo; readonly outRefundNo?: OutRefundNo };

const OF_ATTEMPTS: ReadonlySet<GatewayApi> = new Set(['prepay', 'charge', 'reverse', 'close']);

/** What was answered stays with what was asked for: the attempt, or the refund. */
export async function keepAnswer(db: Db, api: GatewayApi, ref: AskedFor, answer: GatewayRefusal): Promise<void> {
  const { outRefundNo } = ref;
  if (OF_ATTEMPTS.has(api)) await recordAttemptAnswer(db, ref, answer);
  else if (outRefundNo !== undefined && (api === 'refund' || api === 'abnormalRefund')) {
    await recordRefundAnswer(db, { ...ref, outRefundNo }, answer);
  }
}
