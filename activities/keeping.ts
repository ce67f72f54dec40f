import type {
  GatewayApi,
  GatewayRefusal,
  QueriedRefund,
  RefundAnswer,
  RefundQueryAnswer,
} from '../src/domain/gateway-answer.js';
import type { Mchid, OutRefundNo, OutTradeNo } from '../src/domain/ids.js';
import { recordAttemptRefusal } from '../src/db/attempt.js';
import type { Db } from '../src/db/connection.js';
import type { OrderRef } from '../src/db/order.js';
import { recordRefundDetails, recordRefundRefusal } from '../src/db/refund.js';
import type { Gateway } from '../src/gateway/port.js';

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
    await recordRefundDetails(db, { mchid, outRefundNo }, details);
    return { kind, refund };
  };
  return {
    ...gateway,
    prepay: async (...call) => listening(await gateway.prepay(...call)),
    close: async (...call) => listening(await gateway.close(...call)),
    refund: async (request, options) => applied(await gateway.refund(request, options), request.outRefundNo),
    abnormalRefund: async (request, options) =>
      applied(await gateway.abnormalRefund(request, options), request.outRefundNo),
    findRefund: (...call) => gateway.queryRefund(...call),
    queryRefund: async ({ outRefundNo }, options) => {
      const answer = await gateway.queryRefund({ outRefundNo }, options);
      if (answer.kind !== 'found') return answer;
      const { kind, refund, details } = answer;
      await recordRefundDetails(db, { mchid, outRefundNo }, details);
      return { kind, refund };
    },
  };
}

type Refused = OrderRef & { readonly outTradeNo: OutTradeNo; readonly outRefundNo?: OutRefundNo };

/** The reason stays with what was refused: the attempt, or the refund. */
export async function keepRefusal(db: Db, api: GatewayApi, ref: Refused, refusal: GatewayRefusal): Promise<void> {
  const { outRefundNo } = ref;
  if (api === 'prepay' || api === 'close') await recordAttemptRefusal(db, ref, refusal);
  else if (outRefundNo !== undefined && (api === 'refund' || api === 'abnormalRefund')) {
    await recordRefundRefusal(db, { ...ref, outRefundNo }, refusal);
  }
}
