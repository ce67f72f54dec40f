import axios from 'axios';
import {
  GATEWAY_FAILURE_CODES,
  type ChargeAnswer,
  type CloseAnswer,
  type GatewayApi,
  type GatewayFailureCode,
  type GatewayRefusal,
  type PrepayAnswer,
  type RefundAnswer,
} from '../../orders/rules/gateway-answer.js';
import { GatewayError, type BillAnswer, type CallOptions } from '../port.js';
import type { Within } from '../outward/outward.js';
import type { Admission } from './admission.js';
import type { CallEnd } from './gate.js';

/** What an error may definitively say to each call; anything else is a failure code. */
export type Definitive = {
  readonly prepay: Exclude<PrepayAnswer['kind'], 'opened'>;
  readonly charge: Exclude<ChargeAnswer['kind'], 'paid'>;
  readonly reverse: Exclude<CloseAnswer['kind'], 'accepted' | 'tooEarly' | 'alreadyPaid'>;
  readonly query: 'notExist';
  readonly close: Exclude<CloseAnswer['kind'], 'accepted' | 'tooEarly'>;
  readonly refund: Exclude<RefundAnswer['kind'], 'accepted'>;
  readonly refundQuery: 'notExist';
  readonly abnormalRefund: Exclude<RefundAnswer['kind'], 'accepted'>;
  readonly certificates: 'notExist';
  readonly bill: Exclude<BillAnswer['kind'], 'ready'>;
  readonly billFile: 'expired';
};

export type Meaning<Api extends GatewayApi> = Definitive[Api] | GatewayFailureCode;

type Success = { readonly kind: 'success' };

/** An answer that is an error, and what it means for the call. */
export type Judged<Api extends GatewayApi> = {
  readonly kind: 'error';
  readonly meaning: Meaning<Api>;
  readonly refusal: GatewayRefusal;
  readonly retryAfterMs: number | null;
};

export type Definite<Api extends GatewayApi> = {
  readonly kind: 'definitive';
  readonly meaning: Definitive[Api];
  readonly refusal: GatewayRefusal;
};

/** How long a limit without Retry-After keeps this process quiet. */
const QUIET_MS = 1_000;

/** One call once it is admitted. Throws {@link GatewayError} for everything that is not definitive. */
export async function admitted<Api extends GatewayApi, Answer extends Success>(
  admission: Admission,
  { patience, signal, ...rank }: Bounded,
  ask: () => Promise<Answer | Judged<Api>>,
): Promise<Answer | Definite<Api>> {
  const pass = await admission.enter(patience, signal, rank);
  let end: CallEnd = 'failed';
  try {
    const answer = await ask();
    if (answer.kind === 'success') {
      end = 'succeeded';
      return answer;
    }
    end = endOf(answer.meaning);
    if (answer.meaning === 'rate_limited') admission.pauseFor(answer.retryAfterMs ?? QUIET_MS);
    return definite(answer);
  } catch (error) {
    if (gaveUp(signal)) end = 'undecided';
    throw error;
  } finally {
    pass.leave(end);
  }
}

function definite<Api extends GatewayApi>({ meaning, refusal, retryAfterMs }: Judged<Api>): Definite<Api> {
  if (isFailure(meaning)) {
    const quietMs = retryAfterMs ?? (meaning === 'rate_limited' ? QUIET_MS : null);
    throw new GatewayError(meaning, { refusal, gatewayCode: refusal.code, retryAfterMs, quietMs });
  }
  return { kind: 'definitive', meaning, refusal };
}

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

export type Bounded = CallOptions & Within;

export function bounded(options: CallOptions): Bounded {
  const deadline = AbortSignal.timeout(DEADLINE_MS[options.patience]);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const untilMs = performance.now() + DEADLINE_MS[options.patience];
  return { ...options, signal, timeLeftMs: () => Math.max(0, untilMs - performance.now()) };
}

/** The caller gave up, not the deadline: that says nothing about the gateway. */
function gaveUp(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
}

/**
 * Something may have left, or it would be `unreachable` already. The client's own errors carry the whole request: body, openid,
 * signature. Only their code goes on.
 */
export async function answered<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    if (!axios.isAxiosError(error)) throw error;
    const cause = new Error(`request failed: ${error.code ?? 'no code'}`);
    throw new GatewayError('unknown', { cause });
  }
}

/** WeChat Pay answered, proven, with something that does not answer this call: its effect may have happened. */
export const unreadable = (status: number): GatewayError =>
  unanswered(status, 'the answer is not what this call answers');

/** The answer is no proof of anything. */
export const unproven = (status: number): GatewayError => unanswered(status, 'the answer could not be verified');

const unanswered = (status: number, reason: string): GatewayError =>
  new GatewayError('unknown', { refusal: { status, code: null, message: '', detail: null }, cause: new Error(reason) });

/** The prepay was stored before the merchant's `protocol` changed: the other API would take it for another order. */
export const prepayOfAnotherProtocol = (): GatewayError =>
  new GatewayError('merchant_config', { gatewayCode: 'PREPAY_OF_ANOTHER_PROTOCOL' });
