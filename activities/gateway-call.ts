import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { GatewayApi, GatewayRefusal } from '../src/orders/rules/gateway-answer.js';
import { mayHaveHappened } from '../src/orders/rules/gateway-answer.js';
import type { Mchid, OrderNo, OutRefundNo, OutTradeNo } from '../src/base/ids.js';
import { MAX_GATEWAY_WAIT_MS } from '../src/base/outside-time.js';
import { refusedDelayMs, retryDelayMs, STUCK_AFTER_MS } from '../src/orders/rules/schedules.js';
import { troubleOf, type GatewayReply, type Trouble } from '../src/orders/rules/trouble.js';
import { isRefused } from '../src/db/failure.js';
import { recordGatewayCall } from '../src/orders/store/gateway-call.js';
import type { Db } from '../src/db/connection.js';
import { GatewayError, type CallOptions, type Gateway, type Gateways } from '../src/channels/port.js';
import { keeping, keepAnswer, type KeepingGateway } from './keeping.js';
import { refusedByPostgres } from './written.js';
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
  /** Of a call about a refund. */
  readonly outRefundNo?: OutRefundNo;
  readonly patience: CallOptions['patience'];
  readonly trouble: Trouble | null;
  /** A person or the shop waits for it. */
  readonly isAsked?: boolean;
  /** Since when the workflow waits for an answer, by calls before this one too. */
  readonly unansweredSinceMs?: number | null;
};

/** What a durable call remembers from try to try, in its heartbeat details. */
type Memory = {
  readonly failingSinceMs: number | null;
  readonly unclear: boolean;
  /** It was told to wait until then, whoever asked for it and whichever process makes the next try. */
  readonly limitedUntilMs: number | null;
};

const NOTHING: Memory = { failingSinceMs: null, unclear: false, limitedUntilMs: null };

export type GatewayCall<Answer> = {
  readonly api: GatewayApi;
  readonly run: (gateway: KeepingGateway, options: CallOptions, call: RunningCall) => Promise<Answer>;
  /** Milliseconds until an answer like this is asked for again; null when it settles the call. */
  readonly againInMs?: (answer: Answer) => number | null;
  /** Of a call that is tried once: what it comes to without an answer. */
  readonly unanswered?: (error: GatewayError) => Answer;
};

export type RunningCall = {
  /** An earlier try of this very call may have taken effect. */
  readonly earlierUnknown: boolean;
  /**
   * Writes the call down with what it was answered: before anything that follows from it, which else would be known before its cause.
   * A call that nothing follows from is written down at its end.
   */
  readonly note: (outcome: string) => Promise<void>;
};

/**
 * Runs one gateway call as an activity: records it in `gateway_calls`, and maps every failure to a retry, to the news of
 * trouble, or, for a brief try, to a failure that sends the workflow to the durable path.
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

async function called<Answer extends { readonly kind: string }>(
  deps: GatewayDeps,
  input: GatewayCallInput,
  { api, run, againInMs, unanswered }: GatewayCall<Answer>,
): Promise<GatewayReply<Answer>> {
  const memory = remembered();
  const heard: { refusal: GatewayRefusal | null; isNoted: boolean } = { refusal: null, isNoted: false };
  const startedAt = deps.now();
  const noted = async (outcome: string, nextAt: Date | null): Promise<void> => {
    if (heard.isNoted) return;
    heard.isNoted = true;
    await record(deps, input, { api, startedAt, outcome, kind: outcome, nextAt, refusal: heard.refusal });
    if (heard.refusal !== null) await keepAnswer(deps.db, api, input, heard.refusal);
  };
  try {
    const { patience, isAsked = false } = input;
    const options: CallOptions = { patience, isAsked, signal: cancellationSignal() };
    const gateway = keeping(gatewayOf(deps.gateways, input.mchid), { db: deps.db, mchid: input.mchid }, (said) => {
      heard.refusal = said;
    });
    const note: RunningCall['note'] = (outcome) => noted(outcome, null);
    keepLimit(memory, deps.now().getTime());
    const answer = await run(gateway, options, { earlierUnknown: memory.unclear, note });
    await noted(answer.kind, laterBy(deps.now(), againInMs?.(answer) ?? null));
    if (memory.failingSinceMs !== null) heartbeat({ ...memory, failingSinceMs: null } satisfies Memory);
    return { kind: 'answer', answer };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { refusal } = error;
    const failingSinceMs = memory.failingSinceMs ?? input.unansweredSinceMs ?? deps.now().getTime();
    const delayMs = nextTryMs(input, error, deps.now().getTime() - failingSinceMs);
    const nextAt = laterBy(deps.now(), input.patience === 'brief' || unanswered !== undefined ? null : delayMs);
    const outcome = error.gatewayCode ?? error.code;
    const quietUntil = quietUntilOf(deps.now(), error, nextAt);
    await record(deps, input, { api, startedAt, outcome, kind: error.code, nextAt, refusal, quietUntil });
    if (refusal !== null) await keepAnswer(deps.db, api, input, refusal);
    if (unanswered !== undefined) return { kind: 'answer', answer: unanswered(error) };
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
  heartbeat({ failingSinceMs, unclear, limitedUntilMs } satisfies Memory);
  throw retryLater(error, { nextRetryDelay: delayMs });
}

/** A try that only tells trouble asks nothing. A clock that was set back keeps no call away. */
function keepLimit({ limitedUntilMs }: Memory, nowMs: number): void {
  const waitMs = (limitedUntilMs ?? 0) - nowMs;
  if (waitMs > 0 && waitMs <= MAX_GATEWAY_WAIT_MS)
    throw new GatewayError('gate_shut', { retryAfterMs: waitMs, quietMs: waitMs });
}

/**
 * A minute at most, whatever the other side asks for, and not past the moment at which the trouble is worth telling: the try at
 * that moment tells it.
 */
function nextTryMs({ trouble }: GatewayCallInput, error: GatewayError, failingForMs: number): number {
  const { code, retryAfterMs } = error;
  const plannedMs = code === 'gate_shut' && retryAfterMs !== null ? 0 : retryDelayMs(activityInfo().attempt);
  const delayMs = Math.max(plannedMs, retryAfterMs ?? 0);
  const untilTroubleMs = STUCK_AFTER_MS - failingForMs;
  const mayWaitMs = trouble === null && untilTroubleMs > 0 ? untilTroubleMs : MAX_GATEWAY_WAIT_MS;
  return Math.max(1, Math.min(delayMs, mayWaitMs, MAX_GATEWAY_WAIT_MS));
}

/** What came of the call, or that it was made, is what Postgres refuses: it is made again, slowly, until that can be kept. */
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

function remembered(): Memory {
  const details: unknown = activityInfo().heartbeatDetails;
  if (typeof details !== 'object' || details === null) return NOTHING;
  const since = 'failingSinceMs' in details ? details.failingSinceMs : null;
  const until = 'limitedUntilMs' in details ? details.limitedUntilMs : null;
  const unclear = 'unclear' in details && details.unclear === true;
  return { failingSinceMs: numberOr(since), unclear, limitedUntilMs: numberOr(until) };
}

const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const laterBy = (now: Date, delayMs: number | null): Date | null =>
  delayMs === null ? null : new Date(now.getTime() + delayMs);

/** WeChat Pay asked for quiet: at least until then it is kept, by this call until it is made again. */
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

/** `kind`: the outcome in our words, of which there are few. */
type CallNote = {
  api: GatewayApi;
  startedAt: Date;
  outcome: string;
  kind: string;
  nextAt: Date | null;
  refusal: GatewayRefusal | null;
  quietUntil?: Date | null;
};

async function record(deps: GatewayDeps, input: GatewayCallInput, note: CallNote): Promise<void> {
  const { mchid, orderNo, outTradeNo } = input;
  const durationMs = deps.now().getTime() - note.startedAt.getTime();
  const { api, startedAt: at, outcome, nextAt, refusal: gateway, quietUntil = null } = note;
  deps.observe?.gatewayCall({ mchid, api, outcome: note.kind, durationMs });
  const call = { mchid, orderNo, outTradeNo, api, at, outcome, durationMs, nextAt, quietUntil, gateway };
  await recordGatewayCall(deps.db, call);
}
