import { activityInfo } from '@temporalio/activity';
import type { OutRefundNo } from '../src/base/ids.js';
import type { Fen } from '../src/base/money.js';
import { MAX_GATEWAY_WAIT_MS } from '../src/base/outside-time.js';
import type { GatewayReply, PollReply } from '../src/orders/rules/trouble.js';
import type { AppliedAnswer, NumberAnswer } from '../src/refunds/rules/events.js';
import { type RefundProjection, storedRefund, type StoredRefund } from '../src/refunds/rules/state.js';
import { balanceDelayMs, refundPollDelayMs } from '../src/refunds/rules/next-step.js';
import type { RefundStateName } from '../src/refunds/rules/states.js';
import { pendingEvents } from '../src/shop-events/store/outbox.js';
import { showNotWritten } from '../src/orders/store/change.js';
import { loadOrder, type OrderRef } from '../src/orders/store/order.js';
import { recordExternalRefund } from '../src/refunds/store/external.js';
import { markRefundNotWritten, projectRefund, recordPaidOffline } from '../src/refunds/store/projection.js';
import { reserveReissue } from '../src/refunds/store/reserve.js';
import { type RefundRef, loadRefund } from '../src/refunds/store/record.js';
import { claimRefundApply } from '../src/refunds/store/apply.js';
import { askedCard, loadRefundToApply } from '../src/refunds/store/source.js';
import type { RefundRecord } from '../src/refunds/rules/record.js';
import { GatewayError, type CallOptions } from '../src/channels/port.js';
import { notYet, written, type WriteInput } from './retry.js';
import type { KeepingGateway } from './keeping.js';
import { callGateway, pollGateway, type GatewayCall, type GatewayCallInput, type GatewayDeps } from './gateway-call.js';

type RefundCallInput = GatewayCallInput & { readonly outRefundNo: OutRefundNo };

/** `known`: the state that is no news. */
type RefundPollInput = RefundCallInput & { readonly known: RefundStateName };

type Applied = AppliedAnswer & { readonly earlierUnknown: boolean };

export type RefundActivities = ReturnType<typeof createRefundActivities>;

/** One refund's I/O. Every activity may run twice: WeChat Pay refunds a number once, and a late write is refused. */
export function createRefundActivities(deps: GatewayDeps) {
  return {
    async loadRefund(ref: RefundRef): Promise<StoredRefund | null> {
      const record = await loadRefund(deps.db, ref);
      return record === undefined ? null : storedRefund(record, await pendingEvents(deps.db, record));
    },

    projectRefund: (projection: RefundProjection & WriteInput) =>
      written(
        projection,
        async () => {
          const { applied, refund, events, before, successor } = await projectRefund(deps.db, projection, deps.now());
          if (refund.state !== before) deps.observe?.refundMoved(refund);
          return {
            kind: 'written',
            applied,
            stored: storedRefund(refund, events),
            successor: successor && namedOf(successor),
          } as const;
        },
        () => markRefundNotWritten(deps.db, projection, deps.now()),
      ),

    recordExternalRefund: (input: RefundCallInput): Promise<GatewayReply<ExternalFound>> => recordExternal(deps, input),

    applyRefund: (input: RefundCallInput): Promise<GatewayReply<Applied>> => applyRefund(deps, input),

    queryRefund: (input: RefundCallInput): Promise<GatewayReply<NumberAnswer>> =>
      callGateway(deps, input, queryOf(deps, input)),

    pollRefund(input: RefundPollInput): Promise<PollReply<NumberAnswer>> {
      // What waits for a person at WeChat Pay changes rarely.
      const pollEveryMs = refundPollDelayMs(input.known === 'abnormal' ? Infinity : activityInfo().attempt);
      const againInMs = (answer: NumberAnswer) => (isRefundNews(answer, input.known) ? null : pollEveryMs);
      const call = { ...queryOf(deps, input), pollEveryMs, againInMs };
      return pollGateway(deps, input, call, { message: 'not refunded yet', type: 'not_refunded_yet' });
    },

    abnormalRefund: (
      input: RefundCallInput & { readonly refundId: string | null; readonly requestId?: string | undefined },
    ): Promise<GatewayReply<AppliedAnswer>> =>
      callGateway(deps, input, {
        api: 'abnormalRefund',
        run: (gateway, options, { earlierUnknown }) =>
          abnormalRefund(deps, gateway, options, { ...input, earlierUnknown }),
      }),

    /** `isOffline`: a person has paid its money back; absent in histories of before. */
    reserveReissue: (input: RefundRef & OrderRef & WriteInput & { readonly isOffline?: boolean }) =>
      written(
        input,
        async () => {
          const reserveSuccessor = input.isOffline === true ? recordPaidOffline : reserveReissue;
          const successor = await reserveSuccessor(deps.db, { ...input, now: deps.now() });
          return typeof successor === 'string' ? null : ({ kind: 'reserved', ...namedOf(successor) } as const);
        },
        () => showNotWritten(deps.db, input, deps.now()),
      ),
  };
}

/** Nothing, a refund's row, or the news that its payment is not in our books yet. */
type ExternalFound = {
  readonly kind: 'recorded' | 'notExist' | 'payment_unknown';
  readonly stored: StoredRefund | null;
  readonly successor: Successor | null;
};

/** Until the order has found its payment a refund of it cannot be booked; it is asked about again, about a day long. */
const BOOKING_TRIES = 60;

async function recordExternal(deps: GatewayDeps, input: RefundCallInput): Promise<GatewayReply<ExternalFound>> {
  const isOver = (): boolean => activityInfo().attempt > BOOKING_TRIES;
  const againInMs = ({ kind }: ExternalFound): number | null =>
    kind === 'payment_unknown' && !isOver() ? refundPollDelayMs(activityInfo().attempt) : null;
  const reply = await callGateway(deps, input, {
    api: 'refundQuery',
    run: async (gateway, options, { note }): Promise<ExternalFound> => {
      const answer = await gateway.findRefund({ outRefundNo: input.outRefundNo }, options);
      if (answer.kind === 'unrecognised') throw new GatewayError('unknown', { gatewayCode: answer.status });
      if (answer.kind === 'notExist') return { kind: 'notExist', stored: null, successor: null };
      await note(answer.kind);
      const { mchid, orderNo } = input;
      const said = { fact: answer.refund, details: answer.details };
      const recorded = await recordExternalRefund(deps.db, { mchid, orderNo, ...said, now: deps.now() });
      if (recorded.kind !== 'recorded') {
        const kind = recorded.kind === 'payment_unknown' ? recorded.kind : 'notExist';
        return { kind, stored: null, successor: null };
      }
      const stored = storedRefund(recorded.refund, await pendingEvents(deps.db, recorded.refund));
      return { kind: 'recorded', stored, successor: recorded.successor && namedOf(recorded.successor) };
    },
    againInMs,
  });
  if (reply.kind === 'trouble') return reply;
  const delayMs = againInMs(reply.answer);
  if (delayMs !== null) throw notYet('its payment is not known yet', 'payment_unknown', delayMs);
  return reply;
}

type Successor = { readonly outRefundNo: OutRefundNo; readonly amountFen: Fen };

const namedOf = ({ outRefundNo, amountFen }: RefundRecord): Successor => ({ outRefundNo, amountFen });

/**
 * The same number with the same parameters, for ever. Whenever an apply may have left before, a query comes first. Answers only
 * what is settled: while the merchant's balance is too small it waits, visibly, and tries again.
 */
async function applyRefund(deps: GatewayDeps, input: RefundCallInput): Promise<GatewayReply<Applied>> {
  let earlierUnknown = false;
  const isShown = input.trouble === 'merchant_balance';
  const balanceMs = isShown ? balanceDelayMs(activityInfo().attempt) : 0;
  const reply = await callGateway<AppliedAnswer | Awaited<ReturnType<typeof apply>>>(deps, input, {
    api: 'refund',
    againInMs: ({ kind }) => (kind === 'notEnough' ? balanceMs : null),
    run: async (gateway, options, call) => {
      const mayHaveLeft = await claimed(deps, input);
      earlierUnknown = mayHaveLeft || call.earlierUnknown;
      const known = mayHaveLeft ? await alreadyThere(deps, gateway, options, input) : null;
      return known ?? (await apply(deps, gateway, { ...input, options, isFirst: !mayHaveLeft }));
    },
  });
  if (reply.kind === 'trouble') return reply;
  const { answer } = reply;
  if (answer.kind === 'accepted') return { kind: 'answer', answer: { ...answer, earlierUnknown } };
  if (answer.kind !== 'notEnough') {
    const code = 'code' in answer ? answer.code : answer.refusal.code;
    return { kind: 'answer', answer: { kind: answer.kind, code, earlierUnknown } };
  }
  if (!isShown) return { kind: 'trouble', reason: 'merchant_balance' };
  throw notYet('the merchant balance is too small', 'merchant_balance', balanceMs);
}

/** WeChat Pay wants a minute between two refunds of one trade. True when an apply of this number may have left before. */
async function claimed({ db, now }: GatewayDeps, { mchid, outRefundNo }: RefundCallInput): Promise<boolean> {
  const claim = await claimRefundApply(db, { mchid, outRefundNo }, now());
  if (claim.kind === 'go') return claim.again;
  const waitMs = Math.min(claim.untilMs - now().getTime(), MAX_GATEWAY_WAIT_MS);
  throw notYet('another refund of this trade was just sent', 'refund_spacing', waitMs);
}

async function alreadyThere(
  deps: GatewayDeps,
  gateway: KeepingGateway,
  options: CallOptions,
  input: RefundCallInput,
): Promise<AppliedAnswer | null> {
  const answer = await askedByNumber(deps, gateway, options, input);
  if (answer.kind === 'unrecognised') throw new GatewayError('unknown', { gatewayCode: answer.status });
  if (answer.kind === 'otherPayment') return { kind: 'conflict', code: null };
  return answer.kind === 'found' ? { kind: 'accepted', refund: answer.refund } : null;
}

/** A refund's number says nothing of whose payment it gives back: what belongs to the order, the order knows. */
async function askedByNumber(
  { db }: GatewayDeps,
  gateway: KeepingGateway,
  options: CallOptions,
  { mchid, orderNo, outTradeNo, outRefundNo }: RefundCallInput,
): Promise<NumberAnswer> {
  const answer = await gateway.queryRefund({ outRefundNo }, options);
  if (answer.kind !== 'found' || answer.refund.outTradeNo === outTradeNo) return answer;
  const order = await loadOrder(db, { mchid, orderNo });
  const attempt = order?.attempts.find((it) => it.outTradeNo === answer.refund.outTradeNo);
  return attempt === undefined || attempt.foreign ? { kind: 'otherPayment' } : answer;
}

async function apply(
  { db, observe }: GatewayDeps,
  gateway: KeepingGateway,
  { mchid, outRefundNo, options, isFirst }: RefundCallInput & { options: CallOptions; isFirst: boolean },
): ReturnType<KeepingGateway['refund']> {
  const record = await loadRefundToApply(db, { mchid, outRefundNo });
  if (record === undefined) throw new Error('an apply names a refund that was never reserved');
  if (isFirst) observe?.refundRequested(record);
  const { outTradeNo, amountFen, totalFen, reason, source } = record;
  return gateway.refund({ outTradeNo, outRefundNo, amountFen, totalFen, reason, source }, options);
}

/**
 * As for an apply: after a call that may have taken effect, and when WeChat Pay says that it does not fit, WeChat Pay is asked
 * whether the money is on its way already.
 */
async function abnormalRefund(
  { db }: GatewayDeps,
  gateway: KeepingGateway,
  options: CallOptions,
  input: RefundRef & { refundId: string | null; requestId?: string | undefined; earlierUnknown: boolean },
): Promise<AppliedAnswer> {
  const { outRefundNo, refundId, requestId, earlierUnknown } = input;
  if (refundId === null) return { kind: 'refused', code: null };
  const begun = earlierUnknown ? await alreadyBegun(gateway, options, outRefundNo) : null;
  if (begun !== null) return begun;
  const answer = await gateway.abnormalRefund({ refundId, outRefundNo, card: await askedCard(db, requestId) }, options);
  if (answer.kind === 'accepted') return answer;
  const { code } = answer.refusal;
  if (answer.kind !== 'conflict') return { kind: 'refused', code };
  return (await alreadyBegun(gateway, options, outRefundNo)) ?? { kind: 'conflict', code };
}

async function alreadyBegun(
  gateway: KeepingGateway,
  options: CallOptions,
  outRefundNo: OutRefundNo,
): Promise<AppliedAnswer | null> {
  const answer = await gateway.queryRefund({ outRefundNo }, options);
  const isBegun = answer.kind === 'found' && answer.refund.status !== 'abnormal';
  return isBegun ? { kind: 'accepted', refund: answer.refund } : null;
}

const queryOf = (deps: GatewayDeps, input: RefundCallInput): GatewayCall<NumberAnswer> => ({
  api: 'refundQuery',
  run: (gateway, options) => askedByNumber(deps, gateway, options, input),
});

const isRefundNews = (answer: NumberAnswer, known: RefundStateName): boolean =>
  answer.kind === 'otherPayment' || (answer.kind === 'found' && answer.refund.status !== known);
