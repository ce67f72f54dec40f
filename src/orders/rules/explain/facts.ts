import type { OutTradeNo } from '../../../base/ids.js';
import type { ApprovalRecord } from '../../../approvals/rules/approval.js';
import { possibleDecisions, type AboutOrder } from '../../../decisions/rules/decisions.js';
import type { RefundRecord } from '../../../refunds/rules/record.js';
import type { MerchantEventRecord } from '../../../shop-events/rules/event.js';
import {
  backOf,
  isCharge,
  isDoubted,
  isExhausted,
  isForeign,
  isRefusedForGood,
  isUnsettled,
  leftFen,
  paymentOf,
  type Attempt,
} from '../attempt.js';
import { closingDueMs } from '../closing.js';
import { chargeFacts, type ChargeFacts } from './charge.js';
import { joinedDispute, type Difference, type EvidenceSource } from '../evidence.js';
import { fulfilmentDueMs } from '../fulfilment.js';
import type { GatewayApi } from '../gateway-answer.js';
import { projectionOf, type OrderProjection } from '../projection.js';
import type { GatewayCallRecord, OrderRecord } from '../record.js';
import { nextPollMs, paceOf } from '../schedules.js';
import {
  closedOf,
  endingOf,
  fulfilmentOf,
  ownPayment,
  paidOf,
  takesNoMoney,
  type OrderState,
  type Shop,
} from '../state.js';
import { isWaiting, type Ending } from '../states.js';
import { stuckReasonOf } from '../trouble.js';

/** What `explain` reads. Lists are empty, and times null, where only Postgres knows them and it was not asked. */
export type ExplainFacts = Pick<
  OrderProjection,
  | 'mchid'
  | 'orderNo'
  | 'state'
  | 'closedReason'
  | 'reviewReason'
  | 'stuckReason'
  | 'paidFen'
  | 'expiresAtMs'
  | 'fulfilment'
> & {
  readonly amountFen: number;
  readonly confirmedFen: number;
  /** Confirmed money that is neither the order's nor on PaySaga's way back; `backFen` of it is known to have gone back, or to be about to. */
  readonly loose: {
    readonly paidFen: number;
    readonly backFen: number;
    readonly outTradeNos: readonly OutTradeNo[];
  };
  /** Numbers with somebody else's trade, unless the order ended for another reason; `amountFen` as a query saw it, null where that is not known here. */
  readonly theirs: readonly { readonly outTradeNo: OutTradeNo; readonly amountFen: number | null }[];
  readonly mayBeRefundedElsewhere: boolean;
  readonly sinceMs: number;
  readonly open: OutTradeNo | null;
  readonly charge: ChargeFacts | null;
  /** The payer's last code: `due` to be charged, or `over`, so that the till scans the next one. Null: none was scanned. */
  readonly scan: 'due' | 'over' | null;
  /** Evidence speaks of money that no query has confirmed; `amountFen` null where the sum cannot be known here. */
  readonly claimed: Claimed | null;
  /** Nobody shall pay any more, and WeChat Pay has not confirmed that nobody can; `other`: attempts of an order that is over. */
  readonly closing: Ending | 'other' | null;
  /** Where confirmed or claimed money is not as it was ordered. */
  readonly differences: readonly Difference[];
  readonly asked: readonly { readonly action: string; readonly atMs: number }[];
  /** Refunds that another person has to approve, oldest first. */
  readonly approvals: readonly (Pick<ApprovalRecord, 'id' | 'outRefundNo' | 'amountFen'> & { readonly atMs: number })[];
  readonly possible: readonly AboutOrder[];
  readonly shop: Shop['kind'];
  /** When the shop's time to deliver is over; null while it does not run. */
  readonly fulfilmentDueMs: number | null;
  /** On its way back to the payer, without `stoppedFen`; `unsentFen` of it is not known to have been taken by WeChat Pay. */
  readonly returningFen: number;
  readonly unsentFen: number;
  /** To go back and stopped: WeChat Pay refuses it at present, or the payer's account takes no money. */
  readonly stoppedFen: number;
  /** When a refund that waits for the merchant's balance is sent again. */
  readonly refundAgainMs: number | null;
  /** Given back by somebody else, where that may not be all. */
  readonly elsewhereFen: number;
  readonly returnedFen: number;
  readonly refunds: readonly RefundFacts[];
  /** The number that WeChat Pay refused a prepay or a close of, where that is why nothing goes on. */
  readonly refused: {
    readonly outTradeNo: OutTradeNo;
    readonly code: string;
    readonly isClose: boolean;
    readonly atMs: number | null;
  } | null;
  /** The shop's last refund, if it came to nothing while there is money left to give back: nobody but the shop asks again. */
  readonly inVain: (Pick<RefundFacts, 'outRefundNo' | 'state' | 'code'> & { readonly amountFen: number }) | null;
  /** Events the shop has not heard, oldest first. */
  readonly untold: readonly Untold[];
  readonly hasEndpoint: boolean;
  /** When work was due that nobody has done: no worker runs. */
  readonly idleSinceMs: number | null;
  readonly quiet: readonly { readonly api: GatewayApi; readonly untilMs: number }[];
  /** The next poll, where it comes later than the rule says since many orders wait; null: it keeps to the rule, or it is not known here. */
  readonly thinnedUntilMs: number | null;
  /** When WeChat Pay takes a close that is due; null: at once. */
  readonly closableFromMs: number | null;
  readonly nextAtMs: number | null;
  readonly attempts: number;
  readonly lastAnswer: (Pick<GatewayCallRecord, 'api' | 'outcome' | 'gateway'> & { readonly at: string }) | null;
};

/** `by` null: not known here. */
export type Claimed = { readonly amountFen: number | null; readonly by: Exclude<EvidenceSource, 'query'> | null };

export type RefundFacts = Pick<RefundRecord, 'outRefundNo' | 'state' | 'cause' | 'trouble'> & {
  readonly canBeReissued: boolean;
  readonly code: string | null;
};

type Untold = Pick<MerchantEventRecord, 'id' | 'type' | 'status'> & {
  readonly isUntried: boolean;
  readonly nextAtMs: number | null;
};

/** From the workflow's state, which does not see the polling activity's answers: the next time is the rule's. `row`: also decides what is possible. */
export function factsOfState(order: OrderState, nowMs: number, row: OrderRecord | null = null): ExplainFacts {
  const { attempts } = order;
  const open = attempts.find(({ phase }) => phase.state === 'open');
  const doubts = attempts.filter((attempt) => isDoubted(attempt) || isExhausted(attempt));
  const closing = closingOf(order);
  return {
    ...projectionOf(order),
    amountFen: order.amountFen,
    stuckReason: stuckReasonOf(order),
    confirmedFen: sumOf(attempts.map(paidFenOf)),
    loose: looseMoney(order),
    theirs: theirsOf(order),
    mayBeRefundedElsewhere: attempts.some((attempt) => leftFen(attempt) > 0),
    sinceMs: sinceMs(order),
    open: open?.outTradeNo ?? null,
    charge: chargeFacts(order, nowMs),
    scan: scanOf(attempts.at(-1)),
    claimed: doubts.length > 0 ? { amountFen: null, by: null } : null,
    closing,
    differences: differencesOf(order),
    asked: [],
    approvals: [],
    possible: possibleDecisions({ order, row, nowMs }),
    shop: order.telling.shop.kind,
    fulfilmentDueMs: fulfilmentDueMs(order),
    returningFen: sumOf(attempts.filter(isGoingBack).map(paidFenOf)),
    unsentFen: 0,
    stoppedFen: 0,
    refundAgainMs: null,
    elsewhereFen: 0,
    returnedFen: 0,
    refunds: [],
    refused: refusedOf(order, closing),
    inVain: null,
    untold: [],
    hasEndpoint: true,
    idleSinceMs: null,
    quiet: closesPutOff(order, nowMs),
    thinnedUntilMs: null,
    closableFromMs: closableFromMs(order, nowMs),
    nextAtMs: nextAtMs(order, open, nowMs),
    attempts: sumOf(doubts.map(({ doubt }) => doubt?.tries ?? 0)),
    lastAnswer: null,
  };
}

function scanOf(last: Attempt | undefined): ExplainFacts['scan'] {
  if (last === undefined || !isCharge(last)) return null;
  return last.phase.state === 'preparing' && last.prepay.sent === null ? 'due' : 'over';
}

const closingOf = (order: OrderState): ExplainFacts['closing'] =>
  endingOf(order) ?? (takesNoMoney(order) && order.attempts.some(isUnsettled) ? 'other' : null);

function sinceMs(order: OrderState): number {
  const { shop } = order.telling;
  if (order.stuckSinceMs !== null) return order.stuckSinceMs;
  if (fulfilmentOf(order).state === 'pending' && shop.kind === 'told') return shop.atMs;
  return ownPayment(order)?.paidAtMs ?? closedOf(order)?.atMs ?? order.createdAtMs;
}

/** A close that a limit turned away is put off until it is made again, which may be later than the limit's end. */
function closesPutOff({ attempts }: OrderState, nowMs: number): ExplainFacts['quiet'] {
  const limited = attempts.flatMap(({ closing }) => (closing === null || closing.limitedUntilMs === 0 ? [] : closing));
  const untilMs = Math.max(0, ...limited.map((it) => Math.max(it.limitedUntilMs, closingDueMs(it))));
  return untilMs > nowMs ? [{ api: 'close', untilMs }] : [];
}

function closableFromMs({ attempts }: OrderState, nowMs: number): number | null {
  const fromMs = Math.max(0, ...attempts.map(({ closing }) => closing?.sinceMs ?? 0));
  return fromMs > nowMs ? fromMs : null;
}

/** A call in trouble is repeated by its activity, at times that only the activity knows. */
function nextAtMs({ gateway, attempts }: OrderState, open: Attempt | undefined, nowMs: number): number | null {
  if (gateway.trouble !== null) return null;
  const planned = attempts.flatMap((it) => [
    it.doubt?.nextAtMs ?? 0,
    it.closing === null ? 0 : closingDueMs(it.closing),
  ]);
  const times = planned.filter((time) => time > nowMs);
  if (times.length > 0) return Math.min(...times);
  if (attempts.some(({ closing }) => closing !== null)) return nowMs;
  return open?.code == null ? null : nextPollMs(open.code.openedAtMs, nowMs, paceOf(open.outTradeNo));
}

function differencesOf(order: OrderState): readonly Difference[] {
  const others = order.attempts.filter(({ outTradeNo }) => outTradeNo !== paidOf(order)?.outTradeNo);
  return others.reduce<readonly Difference[]>((known, { dispute }) => joinedDispute(known, dispute) ?? known, []);
}

function looseMoney(order: OrderState): ExplainFacts['loose'] {
  const own = paidOf(order)?.outTradeNo;
  const loose = order.attempts.filter((attempt) => attempt.outTradeNo !== own && !isGoingBack(attempt));
  const paidFen = sumOf(loose.map(paidFenOf));
  const outTradeNos = loose.filter((it) => paymentOf(it) !== null).map(({ outTradeNo }) => outTradeNo);
  return { paidFen, backFen: paidFen - sumOf(loose.map(leftFen)), outTradeNos };
}

function theirsOf({ attempts }: OrderState): ExplainFacts['theirs'] {
  const last = attempts.at(-1);
  if (last !== undefined && isRefusedForGood(last)) return [];
  return attempts.filter(isForeign).map(({ outTradeNo }) => ({ outTradeNo, amountFen: null }));
}

/** What could not be given back, or a person took care of, is still loose. */
function isGoingBack(attempt: Attempt): boolean {
  const back = backOf(attempt);
  return back?.state === 'wanted' || back?.state === 'started';
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
  return { outTradeNo, code, isClose: phase.state === 'open', atMs: answeredAt.get(outTradeNo)?.getTime() ?? null };
}

const paidFenOf = (attempt: Attempt): number => paymentOf(attempt)?.paidFen ?? 0;

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);
