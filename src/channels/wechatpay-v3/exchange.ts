import type { GatewayApi } from '../../orders/rules/gateway-answer.js';
import type { Admissions } from '../flow/admissions.js';
import { admitted, answered, unproven, type Bounded, type Definite, type Judged } from '../flow/call.js';
import type { GatewayLog } from '../port.js';
import { meaningOf, readError } from './failure-map.js';
import type { RawAnswer, Transport, V3Request } from './transport.js';

export type ExchangeDeps = {
  readonly transport: Transport;
  readonly admissions: Admissions;
  readonly now: () => Date;
  readonly log: GatewayLog;
  readonly mchid: string;
  /** Of a 2xx answer. */
  readonly isAuthentic: (answer: RawAnswer, signal: AbortSignal) => Promise<boolean>;
};

/** A body that is made once the call may leave is a function. */
type V3Call<Api extends GatewayApi> = Omit<V3Request, 'body'> & {
  readonly api: Api;
  readonly body?: string | (() => Promise<string>);
};

type Proven = { readonly kind: 'success'; readonly status: number; readonly body: Buffer };

export type Exchanged<Api extends GatewayApi> = Proven | Definite<Api>;

/** One signed call and its proven answer. Throws {@link GatewayError} for everything that is not definitive. */
export function exchange<Api extends GatewayApi>(
  deps: ExchangeDeps,
  call: V3Call<Api>,
  bounds: Bounded,
): Promise<Exchanged<Api>> {
  return admitted(deps.admissions[call.api], bounds, () => ask(deps, call, bounds));
}

async function ask<Api extends GatewayApi>(
  deps: ExchangeDeps,
  call: V3Call<Api>,
  bounds: Bounded,
): Promise<Proven | Judged<Api>> {
  const { body, ...request } = call;
  const text = typeof body === 'function' ? await body() : body;
  const answer = await answered(() =>
    deps.transport({ ...request, ...(text === undefined ? {} : { body: text }) }, bounds),
  );
  if (answer.status >= 200 && answer.status < 300) {
    await prove(deps, call, answer, bounds.signal);
    return { kind: 'success', status: answer.status, body: answer.body };
  }
  const error = readError(answer, deps.now());
  const { status, code = null, message, detail, retryAfterMs = null } = error;
  return {
    kind: 'error',
    meaning: meaningOf(call.api, error),
    refusal: { status, code, message, detail },
    retryAfterMs,
  };
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
  throw unproven(answer.status);
}
