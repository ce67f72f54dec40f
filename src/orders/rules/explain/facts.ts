import type { GatewayApi, GatewayRefusal } from '../gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../../../base/ids.js';
import type { EventStatus, MerchantEventType } from '../../../shop-events/rules/event.js';
import type { AboutOrder } from '../../../decisions/rules/decisions.js';
import { backOf, isUnsettled, leftFen, paymentOf, type Attempt } from '../attempt.js';
import { fulfilmentDueMs } from '../fulfilment.js';
import type { OrderRecord } from '../record.js';
import { closedOf, fulfilmentOf, paidOf, type OrderState, type Shop } from '../state.js';
import type { Difference } from '../evidence.js';
import {
  isWaiting,
  type ClosedReason,
  type Ending,
  type FulfilmentState,
  type OrderStateName,
  type ReviewReason,
  type StuckReason,
} from '../states.js';
import type { RefundCause, RefundStateName, RefundTrouble } from '../../../refunds/rules/states.js';

/** What `explain` reads; both an order's row and its workflow's facts can say it. Times in Unix milliseconds. */
export type ExplainFacts = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly stuckReason: StuckReason | null;
  readonly amountFen: number;
  readonly paidFen: number;
  /** All that queries confirmed, whether the order books it or not. */
  readonly confirmedFen: number;
  /** Confirmed money that is neither the order's nor on PaySaga's way back; `backFen` of it is known to have gone back, or to be about to. */
  readonly loose: { readonly paidFen: number; readonly backFen: number };
  /** Somebody else may have given back money of it that is not known yet. */
  readonly mayBeRefundedElsewhere: boolean;
  /** Since when it waits for what it waits for. */
  readonly sinceMs: number;
  readonly expiresAtMs: number;
  /** The attempt that can be paid now. */
  readonly open: OutTradeNo | null;
  /** Evidence speaks of money that no query has confirmed; `amountFen` null where the sum cannot be known here. */
  readonly claimed: { readonly amountFen: number | null } | null;
  /** Nobody shall pay it any more, and WeChat Pay has not confirmed yet that nobody can; `other`: attempts of an order that is over. */
  readonly closing: Ending | 'other' | null;
  /** What of confirmed or claimed money is not as it was ordered. */
  readonly differences: readonly Difference[];
  /** What somebody asked for and no workflow has answered, oldest first; empty where it cannot be known. */
  readonly asked: readonly { readonly action: string; readonly atMs: number }[];
  /** What a person can do now. */
  readonly possible: readonly AboutOrder[];
  readonly fulfilment: FulfilmentState;
  /** Whether the shop knows that it was paid. */
  readonly shop: Shop['kind'];
  /** When the shop's time to deliver is over; null while it does not run. */
  readonly fulfilmentDueMs: number | null;
  /** What is on its way back to the payer; not what `heldFen` is. */
  readonly returningFen: number;
  /** What is to go back and does not: WeChat Pay refuses it for now, or the payer's account takes no money. */
  readonly heldFen: number;
  /** What is known to have been given back by somebody else, where that may not be all. */
  readonly elsewhereFen: number;
  /** What has gone back to the payer. */
  readonly returnedFen: number;
  /** Refunds that are under way or that only a person can repair; empty where they cannot be known. */
  readonly refunds: readonly RefundFacts[];
  /** The number that WeChat Pay refused a prepay or a close of, where that is why nothing goes on, its code, and when, if that is known. */
  readonly refused: {
    readonly outTradeNo: OutTradeNo;
    readonly code: string;
    readonly isClose: boolean;
    readonly atMs: number | null;
  } | null;
  /** The shop's last refund, if it came to nothing while there is money left to give back: nobody but the shop asks again. */
  readonly inVain: (Pick<RefundFacts, 'outRefundNo' | 'state' | 'code'> & { readonly amountFen: number }) | null;
  /** Events the shop has not heard, oldest first; empty where they cannot be known. */
  readonly untold: readonly Untold[];
  /** What should have happened by then and has not: nobody works on the order. */
  readonly idleSinceMs: number | null;
  /** Calls that WeChat Pay asked to be put off, and until when they are; empty where that cannot be known here. */
  readonly quiet: readonly { readonly api: GatewayApi; readonly untilMs: number }[];
  /** When WeChat Pay is called again; null where nothing is planned or it cannot be known here. */
  readonly nextAtMs: number | null;
  readonly attempts: number;
  readonly lastAnswer: {
    readonly api: string;
    readonly at: string;
    readonly outcome: string;
    /** What it was refused with. */
    readonly gateway: GatewayRefusal | null;
  } | null;
};

export type RefundFacts = {
  readonly outRefundNo: OutRefundNo;
  readonly state: RefundStateName;
  readonly cause: RefundCause;
  readonly trouble: RefundTrouble | null;
  /** A successor with the next number can be made now. */
  readonly canBeReissued: boolean;
  /** WeChat Pay's code of its last refusal. */
  readonly code: string | null;
};

export type Untold = {
  readonly id: string;
  readonly type: MerchantEventType;
  readonly status: EventStatus;
  /** Nothing was sent yet. */
  readonly isUntried: boolean;
  readonly nextAtMs: number | null;
};

/** What row and workflow tell alike. */
export function factsInCommon(
  order: Pick<OrderRecord, keyof InCommon> & { readonly attempts: readonly { readonly paidFen: number }[] },
): InCommon & Pick<ExplainFacts, 'confirmedFen'> {
  const { mchid, orderNo, state, closedReason, reviewReason, stuckReason, amountFen, paidFen } = order;
  const confirmedFen = sumOf(order.attempts.map((attempt) => attempt.paidFen));
  return { mchid, orderNo, state, closedReason, reviewReason, stuckReason, amountFen, paidFen, confirmedFen };
}

type InCommon = Pick<
  ExplainFacts,
  'mchid' | 'orderNo' | 'state' | 'closedReason' | 'reviewReason' | 'stuckReason' | 'amountFen' | 'paidFen'
>;

export const fulfilmentFacts = (order: OrderState): Pick<ExplainFacts, 'fulfilment' | 'shop' | 'fulfilmentDueMs'> => ({
  fulfilment: fulfilmentOf(order).state,
  shop: order.telling.shop.kind,
  fulfilmentDueMs: fulfilmentDueMs(order),
});

/** What could not be given back, or a person took care of, is still loose. */
export function looseMoney(order: OrderState): ExplainFacts['loose'] {
  const own = paidOf(order)?.outTradeNo;
  const loose = order.attempts.filter((attempt) => attempt.outTradeNo !== own && !isGoingBack(attempt));
  const paidFen = sumOf(loose.map((attempt) => paymentOf(attempt)?.paidFen ?? 0));
  return { paidFen, backFen: paidFen - sumOf(loose.map(leftFen)) };
}

/** Of an order that is being closed what can still be paid; else the last number, if there is no code because of it. */
export function refusedOf(
  order: OrderState,
  closing: ExplainFacts['closing'],
  answeredAt: ReadonlyMap<OutTradeNo, Date> = new Map(),
): ExplainFacts['refused'] {
  const { state } = order.phase;
  const last = order.attempts.at(-1);
  const isWithoutCode =
    state === 'creating' ||
    closedOf(order)?.reason === 'rejected' ||
    (isWaiting(state) && last?.phase.state === 'failed');
  const refused = order.attempts.filter((it) => it.refusal?.code != null && isUnsettled(it));
  const open = refused.find(({ phase }) => phase.state === 'open') ?? refused.at(-1);
  const concerned = closing !== null ? open : isWithoutCode ? last : undefined;
  const code = concerned?.refusal?.code ?? null;
  if (concerned === undefined || code === null) return null;
  const { outTradeNo, phase } = concerned;
  const atMs = answeredAt.get(outTradeNo)?.getTime() ?? null;
  return { outTradeNo, code, isClose: phase.state === 'open', atMs };
}

/** On its way back, or as good as that; what could not be given back, or a person took care of, is not. */
export function isGoingBack(attempt: Attempt): boolean {
  const back = backOf(attempt);
  return back?.state === 'wanted' || back?.state === 'started';
}

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
