import axios from 'axios';
import {
  GATEWAY_FAILURE_CODES,
  type GatewayApi,
  type GatewayFailureCode,
  type GatewayRefusal,
} from '../../orders/rules/gateway-answer.js';
import type { Admission } from '../flow/admission.js';
import type { CallEnd } from '../flow/gate.js';
import { GatewayError, type CallOptions, type GatewayLog } from '../port.js';
import { meaningOf, readError, type Definitive, type ErrorAnswer, type Meaning } from './failure-map.js';
import type { RawAnswer, Transport, V3Request } from './transport.js';

export type ExchangeDeps = {
  readonly transport: Transport;
  readonly admissions: Readonly<Record<GatewayApi, Admission>>;
  readonly now: () => Date;
  readonly log: GatewayLog;
  readonly mchid: string;
  /** Of a 2xx answer. */
  readonly isAuthentic: (answer: RawAnswer, signal: AbortSignal) => Promise<boolean>;
};

type V3Call<Api extends GatewayApi> = V3Request & { readonly api: Api };

export type Exchanged<Api extends GatewayApi> =
  | { readonly kind: 'success'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'definitive'; readonly meaning: Definitive[Api]; readonly refusal: GatewayRefusal };

/** One signed call and its proven answer. Throws {@link GatewayError} for everything that is not definitive. */
export async function exchange<Api extends GatewayApi>(
  deps: ExchangeDeps,
  call: V3Call<Api>,
  { patience, signal, isAsked }: Bounded,
): Promise<Exchanged<Api>> {
  const admission = deps.admissions[call.api];
  const pass = await admission.enter(patience, signal, isAsked);
  let end: CallEnd = 'failed';
  try {
    const answer = await send(deps, call, signal);
    if (answer.status >= 200 && answer.status < 300) {
      await prove(deps, call, answer, signal);
      end = 'succeeded';
      return { kind: 'success', status: answer.status, body: answer.body };
    }
    const error = readError(answer, deps.now());
    const meaning = meaningOf(call.api, error);
    end = endOf(meaning);
    if (meaning === 'rate_limited') admission.pauseFor(error.retryAfterMs ?? QUIET_MS);
    return definitive(meaning, error);
  } catch (error) {
    if (gaveUp(signal)) end = 'undecided';
    throw error;
  } finally {
    pass.leave(end);
  }
}

/** How long a 429 without Retry-After keeps this process quiet. */
const QUIET_MS = 1_000;

async function send(deps: ExchangeDeps, call: V3Request, signal: AbortSignal): Promise<RawAnswer> {
  try {
    return await deps.transport(call, signal);
  } catch (error) {
    if (!axios.isAxiosError(error)) throw error;
    // The client's own errors carry the whole request: body, openid, Authorization. Only their code goes on.
    const cause = new Error(`request failed: ${error.code ?? 'no code'}`);
    throw new GatewayError(wasNeverSent(error) ? 'unreachable' : 'unknown', { cause });
  }
}

async function prove(
  deps: ExchangeDeps,
  call: V3Call<GatewayApi>,
  answer: RawAnswer,
  signal: AbortSignal,
): Promise<void> {
  if (await deps.isAuthentic(answer, signal)) return;
  // WeChat Pay sends a few wrongly signed answers on purpose, to see whether they are refused; many are something else.
  const fields = { mchid: deps.mchid, api: call.api, status: answer.status };
  deps.log.warn(fields, 'answer not signed by WeChat Pay, discarded');
  throw unanswered(answer.status, 'the answer could not be verified');
}

function definitive<Api extends GatewayApi>(meaning: Meaning<Api>, error: ErrorAnswer): Exchanged<Api> {
  if (isFailure(meaning)) {
    const { code: gatewayCode = null, retryAfterMs = null } = error;
    const quietMs = retryAfterMs ?? (meaning === 'rate_limited' ? QUIET_MS : null);
    throw new GatewayError(meaning, { refusal: refusalOf(error), gatewayCode, retryAfterMs, quietMs });
  }
  return { kind: 'definitive', meaning, refusal: refusalOf(error) };
}

const refusalOf = ({ status, code, message, detail }: ErrorAnswer): GatewayRefusal => ({
  status,
  code: code ?? null,
  message,
  detail,
});

function endOf(meaning: string): CallEnd {
  if (meaning === 'unknown') return 'failed';
  return meaning === 'rate_limited' ? 'undecided' : 'refused';
}

const FAILURES: ReadonlySet<string> = new Set(GATEWAY_FAILURE_CODES);

function isFailure<Api extends GatewayApi>(meaning: Meaning<Api>): meaning is GatewayFailureCode & Meaning<Api> {
  return FAILURES.has(meaning);
}

/** From the call's start to its last byte, with the waits for a key and a slot. A brief call's caller, who has 2 s, writes the outcome down. */
const DEADLINE_MS: Readonly<Record<CallOptions['patience'], number>> = { brief: 1_800, durable: 10_000 };

export type Bounded = CallOptions & { readonly signal: AbortSignal };

export function bounded(options: CallOptions): Bounded {
  const deadline = AbortSignal.timeout(DEADLINE_MS[options.patience]);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  return { ...options, signal };
}

/** The caller gave up, not the deadline: that says nothing about the gateway. */
function gaveUp(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
}

/**
 * The connection itself failed, so nothing of the request can have left. The system call tells, not the error's code: EHOSTUNREACH,
 * say, can also end a connection that has carried a request already.
 */
export function wasNeverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Several addresses were tried (IPv6 and IPv4): one error each.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(wasNeverSent);
  if ('syscall' in error) return error.syscall === 'connect' || error.syscall === 'getaddrinfo';
  return wasNeverSent(error.cause);
}

/** WeChat Pay answered, proven, with something that does not answer this call: its effect may have happened. */
export const unreadable = (status: number): GatewayError =>
  unanswered(status, 'the answer is not what this call answers');

const unanswered = (status: number, reason: string): GatewayError =>
  new GatewayError('unknown', { refusal: { status, code: null, message: '', detail: null }, cause: new Error(reason) });
