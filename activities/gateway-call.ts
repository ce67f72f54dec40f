import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { z } from 'zod';
import { mayHaveHappened, type GatewayApi, type GatewayRefusal } from '../src/orders/rules/gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../src/base/ids.js';
import { MAX_GATEWAY_WAIT_MS } from '../src/base/outside-time.js';
import { refusedDelayMs, retryDelayMs, STUCK_AFTER_MS, thinnedMs } from '../src/orders/rules/schedules.js';
import { troubleOf, type GatewayReply, type PollReply, type Trouble } from '../src/orders/rules/trouble.js';
import { isRefused } from '../src/db/failure.js';
import { recordGatewayCall, type GatewayCall as RecordedCall } from '../src/orders/store/gateway-call.js';
import type { Db } from '../src/db/connection.js';
import { GatewayError, type CallOptions, type Gateway, type Gateways } from '../src/channels/port.js';
import { keeping, keepAnswer, type KeepingGateway } from './keeping.js';
import { notYet, refusedByPostgres } from './retry.js';
import type { Observe } from './observe.js';

export type GatewayDeps = {
  readonly db: Db;
  readonly gateways: Pick<Gateways, 'for'>;
  readonly now: () => Date;
  readonly observe?: Observe;
};

/** `brief`: the local first try, which fails fast. `durable`: retried until answered; `trouble` is what is already shown. */
export type GatewayCallInput = {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  readonly outTradeNo: OutTradeNo;
  readonly outRefundNo?: OutRefundNo;
  readonly patience: CallOptions['patience'];
  readonly trouble: Trouble | null;
  readonly isAsked?: boolean;
  /** Since when the workflow waits for an answer, calls before this one included. */
  readonly unansweredSinceMs?: number | null;
};

const memorySchema = z.object({
  failingSinceMs: z.number().nullable().catch(null),
  unclear: z.boolean().catch(false),
  /** For the next try, whichever process makes it. */
  limitedUntilMs: z.number().nullable().catch(null),
  /** Of a poll: so many times in a row there was no room for it. */
  timesPutOff: z.number().catch(0),
});

/** What a durable call remembers from try to try, in its heartbeat details. */
type Memory = Readonly<z.infer<typeof memorySchema>>;

const NOTHING: Memory = { failingSinceMs: null, unclear: false, limitedUntilMs: null, timesPutOff: 0 };

export type GatewayCall<Answer> = {
  readonly api: GatewayApi;
  readonly run: (gateway: KeepingGateway, options: CallOptions, call: RunningCall) => Promise<Answer>;
  /** Milliseconds until an answer like this is asked for again; null when it settles the call. */
  readonly againInMs?: (answer: Answer) => number | null;
  /** Of a call that is tried once: what it comes to without an answer. */
  readonly unanswered?: (error: GatewayError) => Answer;
  /** Of a poll, which goes after all other calls: milliseconds to the next one by the rule. */
  readonly pollEveryMs?: number;
};

export type RunningCall = {
  /** An earlier try of this very call may have taken effect. */
  readonly earlierUnknown: boolean;
  /** Records the call before anything that follows from its answer, which else would be known before its cause. */
  readonly note: (outcome: string) => Promise<void>;
  /** The call, for whoever records it in one statement with what follows from its answer. */
  readonly noted: (outcome: string) => RecordedCall;
};

/**
 * Runs one gateway call as an activity: records it in `gateway_calls`, and maps every failure to a retry, to news of trouble, or,
 * for a brief try, to a failure that sends the workflow to the durable path.
 */
export async function callGateway<Answer extends { readonly kind: string }>(
  deps: GatewayDeps,
  input: GatewayCallInput,
  call: GatewayCall<Answer>,
): Promise<GatewayReply<Answer>> {
  try {
    return await called(deps, input, call);
  } catch (error) {
    if (isRefused(error)) return unwritten(input, error);
    throw error;
  }
}

/**
 * Asks until `againInMs` says null, in one activity that is retried: the workflow's history does not grow while it waits.
 * `waiting`: why it is retried.
 */
export async function pollGateway<Answer extends { readonly kind: string }>(
  deps: GatewayDeps,
  input: GatewayCallInput,
  call: GatewayCall<Answer> & { readonly againInMs: (answer: Answer) => number | null },
  waiting: { readonly message: string; readonly type: string },
): Promise<PollReply<Answer>> {
  const reply = await callGateway(deps, input, call);
  if (reply.kind === 'trouble') return reply;
  const delayMs = call.againInMs(reply.answer);
  if (delayMs === null) return reply;
  if (input.trouble !== null) return { kind: 'recovered' };
  throw notYet(waiting.message, waiting.type, delayMs);
}

async function called<Answer extends { readonly kind: string }>(
  deps: GatewayDeps,
  input: GatewayCallInput,
  { api, run, againInMs, unanswered, pollEveryMs }: GatewayCall<Answer>,
): Promise<GatewayReply<Answer>> {
  const memory = memorySchema.safeParse(activityInfo().heartbeatDetails).data ?? NOTHING;
  const heard: { refusal: GatewayRefusal | null; isNoted: boolean } = { refusal: null, isNoted: false };
  const startedAt = deps.now();
  const noted = async (outcome: string, nextAt: Date | null): Promise<void> => {
    if (heard.isNoted) return;
    heard.isNoted = true;
    await record(deps, input, { api, at: startedAt, outcome, nextAt, gateway: heard.refusal }, outcome);
  };
  try {
    const { patience, isAsked = false } = input;
    const isPoll = pollEveryMs !== undefined;
    const options: CallOptions = { patience, isAsked, isPoll, signal: cancellationSignal() };
    const gateway = keeping(gatewayOf(deps.gateways, input.mchid), { db: deps.db, mchid: input.mchid }, (said) => {
      heard.refusal = said;
    });
    keepLimit(memory, deps.now().getTime());
    const answer = await run(gateway, options, {
      earlierUnknown: memory.unclear,
      note: (outcome) => noted(outcome, null),
      noted: (outcome) => {
        heard.isNoted = true;
        return recordedCall(deps, input, { api, at: startedAt, outcome, nextAt: null }, outcome);
      },
    });
    await noted(answer.kind, laterBy(deps.now(), againInMs?.(answer) ?? null));
    const hasTrouble = memory.failingSinceMs !== null || memory.timesPutOff > 0;
    if (hasTrouble) heartbeat({ ...memory, failingSinceMs: null, timesPutOff: 0 } satisfies Memory);
    return { kind: 'answer', answer };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (pollEveryMs !== undefined && isCrowded(error)) {
      const timesPutOff = memory.timesPutOff + 1;
      const delayMs = thinnedMs(pollEveryMs, { lateMs: lateMs(deps), timesPutOff });
      heartbeat({ ...memory, timesPutOff } satisfies Memory);
      const putOff = { api, at: startedAt, outcome: error.code, nextAt: laterBy(deps.now(), delayMs) };
      await record(deps, input, putOff, error.code);
      throw notYet('too many orders are polled', 'put_off', delayMs);
    }
    const failingSinceMs = memory.failingSinceMs ?? input.unansweredSinceMs ?? deps.now().getTime();
    const delayMs = nextTryMs(input, error, deps.now().getTime() - failingSinceMs);
    const answer = unanswered?.(error);
    const againMs = answer === undefined ? delayMs : limitedMs(error, againInMs?.(answer) ?? null);
    const nextAt = laterBy(deps.now(), input.patience === 'brief' ? null : againMs);
    const outcome = error.gatewayCode ?? error.code;
    const quietUntil = quietUntilOf(deps.now(), error, nextAt);
    const call = { api, at: startedAt, outcome, nextAt, quietUntil, gateway: error.refusal };
    await record(deps, input, call, error.code);
    if (answer !== undefined) return { kind: 'answer', answer };
    return failed(deps, input, error, { delayMs, failingSinceMs, memory });
  }
}

function failed(
  deps: GatewayDeps,
  input: GatewayCallInput,
  error: GatewayError,
  { delayMs, failingSinceMs, memory }: { delayMs: number; failingSinceMs: number; memory: Memory },
): GatewayReply<never> {
  const unclear = memory.unclear || mayHaveHappened(error.code);
  const limitedUntilMs = error.retryAfterMs === null ? null : deps.now().getTime() + error.retryAfterMs;
  if (input.patience === 'brief') throw retryLater(error, { nonRetryable: true });
  const reason = troubleOf(error.code, deps.now().getTime() - failingSinceMs, input.trouble);
  if (reason !== null) return { kind: 'trouble', reason };
  heartbeat({ failingSinceMs, unclear, limitedUntilMs, timesPutOff: 0 } satisfies Memory);
  throw retryLater(error, { nextRetryDelay: delayMs });
}

/** No room among the calls of this process, which says nothing of WeChat Pay. */
const isCrowded = ({ code, quietMs }: GatewayError): boolean => code === 'gate_shut' && quietMs === null;

/** How long after its time this try began: its worker is behind, or Temporal. */
export const lateMs = ({ now }: Pick<GatewayDeps, 'now'>): number =>
  Math.max(0, now().getTime() - activityInfo().currentAttemptScheduledTimestampMs);

/** A try that only tells trouble asks nothing. A clock that was set back keeps no call away. */
function keepLimit({ limitedUntilMs }: Memory, nowMs: number): void {
  const waitMs = (limitedUntilMs ?? 0) - nowMs;
  if (waitMs > 0 && waitMs <= MAX_GATEWAY_WAIT_MS)
    throw new GatewayError('gate_shut', { retryAfterMs: waitMs, quietMs: waitMs });
}

/** A minute at most, and not past the moment at which trouble is worth telling: the try at that moment tells it. */
function nextTryMs({ trouble }: GatewayCallInput, error: GatewayError, failingForMs: number): number {
  const { code, retryAfterMs } = error;
  const plannedMs = code === 'gate_shut' && retryAfterMs !== null ? 0 : retryDelayMs(activityInfo().attempt);
  const delayMs = Math.max(plannedMs, retryAfterMs ?? 0);
  const untilTroubleMs = STUCK_AFTER_MS - failingForMs;
  const mayWaitMs = trouble === null && untilTroubleMs > 0 ? untilTroubleMs : MAX_GATEWAY_WAIT_MS;
  return Math.max(1, Math.min(delayMs, mayWaitMs, MAX_GATEWAY_WAIT_MS));
}

/** Postgres refuses the record of the call: it is made again, slowly, until it can be kept. */
function unwritten({ patience, trouble }: GatewayCallInput, error: Error): GatewayReply<never> {
  if (patience === 'brief') throw refusedByPostgres(error, { nonRetryable: true });
  if (trouble !== 'not_written') return { kind: 'trouble', reason: 'not_written' };
  throw refusedByPostgres(error, { nextRetryDelay: refusedDelayMs(activityInfo().attempt) });
}

/** The failure's type is the domain's code. BENIGN: an unreachable gateway shows as `StuckReason`, not as noise in the log. */
function retryLater(
  error: GatewayError,
  options: { nonRetryable?: boolean; nextRetryDelay?: number },
): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    category: ApplicationFailureCategory.BENIGN,
    ...options,
  });
}

/** A call is made again when it is planned, but in no limit. */
const limitedMs = ({ retryAfterMs }: GatewayError, plannedMs: number | null): number | null =>
  plannedMs === null ? null : Math.max(plannedMs, retryAfterMs ?? 0);

const laterBy = (now: Date, delayMs: number | null): Date | null =>
  delayMs === null ? null : new Date(now.getTime() + delayMs);

/** At least for the quiet that WeChat Pay asked for, and by this call until it is made again. */
function quietUntilOf(now: Date, { quietMs }: GatewayError, nextAt: Date | null): Date | null {
  if (quietMs === null) return null;
  return new Date(Math.max(now.getTime() + quietMs, nextAt?.getTime() ?? 0));
}

function gatewayOf(gateways: Pick<Gateways, 'for'>, mchid: Mchid): Gateway {
  const gateway = gateways.for(mchid);
  // The worker does not serve this merchant: a person adds it to the configuration, and the call goes on.
  if (gateway === undefined) throw new GatewayError('merchant_config', { gatewayCode: 'MERCHANT_NOT_CONFIGURED' });
  return gateway;
}

type CallNote = Omit<RecordedCall, 'mchid' | 'orderNo' | 'outTradeNo' | 'durationMs'>;

async function record(deps: GatewayDeps, input: GatewayCallInput, note: CallNote, kind: string): Promise<void> {
  const { api, gateway = null } = note;
  await recordGatewayCall(deps.db, recordedCall(deps, input, note, kind));
  if (gateway !== null) await keepAnswer(deps.db, api, input, gateway);
}

/** `kind`: the outcome in one of our own few words. */
function recordedCall(
  { now, observe }: GatewayDeps,
  { mchid, orderNo, outTradeNo }: GatewayCallInput,
  note: CallNote,
  kind: string,
): RecordedCall {
  const { api, at } = note;
  const durationMs = now().getTime() - at.getTime();
  observe?.gatewayCall({ mchid, api, outcome: kind, durationMs });
  return { ...note, mchid, orderNo, outTradeNo, durationMs };
}
