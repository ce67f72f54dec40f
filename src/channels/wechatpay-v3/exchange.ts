import axios, { type AxiosError } from 'axios';
import type { GatewayApi, GatewayFailureCode, GatewayRefusal } from '../../domain/gateway-answer.js';
import type { Admission } from '../flow/admission.js';
import type { CallEnd } from '../flow/gate.js';
import type { GatewayLog } from '../log.js';
import { GatewayError } from '../port.js';
import { gaveUp, type Bounded } from './deadline.js';
import { readError } from './error-answer.js';
import { meaningOf, type Definitive, type ErrorAnswer, type Meaning } from './failure-map.js';
import type { RawAnswer, Transport, V3Request } from './transport.js';
import { withoutWords } from './unreadable.js';
import { wasNeverSent } from './unsent.js';

export type ExchangeDeps = {
  readonly transport: Transport;
  readonly admissions: Readonly<Record<GatewayApi, Admission>>;
  readonly now: () => Date;
  readonly log: GatewayLog;
  readonly mchid: string;
};

export type V3Call<Api extends GatewayApi> = V3Request & {
  readonly api: Api;
  /** Proves a 2xx answer; one that is not proven was never said. */
  readonly isAuthentic: (answer: RawAnswer, signal: AbortSignal) => Promise<boolean>;
};

export type Exchanged<Api extends GatewayApi> =
  | { readonly kind: 'success'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'told'; readonly meaning: Definitive[Api]; readonly refusal: GatewayRefusal };

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
    return told(meaning, error);
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
    throw new GatewayError(wasNeverSent(error) ? 'unreachable' : 'unknown', { cause: withoutPayload(error) });
  }
}

async function prove<Api extends GatewayApi>(
  deps: ExchangeDeps,
  call: V3Call<Api>,
  answer: RawAnswer,
  signal: AbortSignal,
): Promise<void> {
  if (await call.isAuthentic(answer, signal)) return;
  // WeChat Pay sends a few wrongly signed answers on purpose, to see whether they are refused; many of them are something else.
  deps.log.warn(
    { mchid: deps.mchid, api: call.api, status: answer.status },
    'answer not signed by WeChat Pay, discarded',
  );
  throw new GatewayError('unknown', {
    refusal: withoutWords(answer.status),
    cause: new Error('the answer could not be verified'),
  });
}

function told<Api extends GatewayApi>(meaning: Meaning<Api>, error: ErrorAnswer): Exchanged<Api> {
  if (isFailure(meaning)) {
    throw new GatewayError(meaning, {
      refusal: refusalOf(error),
      ...(error.code === undefined ? {} : { gatewayCode: error.code }),
      ...(meaning === 'rate_limited' ? { quietMs: QUIET_MS } : {}),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs, quietMs: error.retryAfterMs }),
    });
  }
  const refusal = refusalOf(error);
  return { kind: 'told', meaning, refusal };
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

const FAILURES: Readonly<Record<GatewayFailureCode, true>> = {
  unknown: true,
  unreachable: true,
  rate_limited: true,
  gate_shut: true,
  merchant_config: true,
};

function isFailure<Api extends GatewayApi>(meaning: Meaning<Api>): meaning is GatewayFailureCode & Meaning<Api> {
  return Object.hasOwn(FAILURES, meaning);
}

/** The client's own errors carry the whole request: body, openid, Authorization. Only their code goes on. */
function withoutPayload(error: AxiosError): Error {
  return new Error(`request failed: ${error.code ?? 'no code'}`);
}
