import type { KeyObject } from 'node:crypto';
import type { GatewayApi } from '../../orders/rules/gateway-answer.js';
import type { Admissions } from '../flow/admissions.js';
import { admitted, answered, unproven, type Bounded, type Definite, type Judged } from '../flow/call.js';
import { GatewayError, type GatewayLog } from '../port.js';
import { readAnswer, type Proven } from './answer.js';
import { plainCode } from './failure-map.js';
import { signatureOf, type SignType } from './signature.js';
import type { Transport, V2Request } from './transport.js';
import type { Fields } from './xml.js';

export type ExchangeDeps = {
  readonly transport: Transport;
  readonly admissions: Admissions;
  readonly now: () => Date;
  readonly log: GatewayLog;
  readonly mchid: string;
  /** All of the merchant's. */
  readonly appids: readonly string[];
  readonly key: KeyObject;
  readonly signType: SignType;
  readonly nonce: () => string;
};

type V2Call<Api extends GatewayApi> = V2Request & { readonly api: Api };

/** Fields that are made once the call may leave are a function. */
type LateCall<Api extends GatewayApi> = Omit<V2Call<Api>, 'fields'> & {
  readonly fields: Fields | (() => Promise<Fields>);
};

export type Exchanged<Api extends GatewayApi> = Proven | Definite<Api>;

/** One signed call and its proven answer. Throws {@link GatewayError} for everything that is not definitive. */
export function exchange<Api extends GatewayApi>(
  deps: ExchangeDeps,
  { api, path, fields }: LateCall<Api>,
  bounds: Bounded,
): Promise<Exchanged<Api>> {
  return admitted(deps.admissions[api], bounds, async (): Promise<Proven | Judged<Api>> => {
    const said = typeof fields === 'function' ? await fields() : fields;
    const request = { path, fields: signedFields(deps, said) };
    const raw = await answered(() => deps.transport.post(request, bounds));
    const answer = readAnswer(api, raw, deps);
    if (answer.kind !== 'unproven') return answer;
    deps.log.warn({ mchid: deps.mchid, api, status: raw.status }, 'answer not signed by WeChat Pay, discarded');
    throw unproven(raw.status);
  });
}

/**
 * A call about a number. WeChat Pay wants an appid with it, though the number is unique under the mchid; should it know none under
 * the one, it is asked under the next: "no such number" frees money.
 */
export async function exchangeByNumber<Api extends GatewayApi>(
  deps: ExchangeDeps,
  call: V2Call<Api>,
  bounds: Bounded,
): Promise<Exchanged<Api>> {
  let answer: Exchanged<Api> | undefined;
  for (const appid of deps.appids) {
    answer = await exchange(deps, { ...call, fields: { appid, ...call.fields } }, bounds);
    if (answer.kind === 'success' || !isUnknownNumber(answer.refusal.code)) return answer;
  }
  if (answer === undefined) throw new GatewayError('merchant_config', { gatewayCode: 'NO_APPID' });
  return answer;
}

const isUnknownNumber = (code: string | null): boolean =>
  ['ORDERNOTEXIST', 'REFUNDNOTEXIST'].includes(plainCode(code ?? ''));

/** Each time with another nonce, so with another sign. */
export function signedFields(
  { mchid, nonce, key, signType }: Pick<ExchangeDeps, 'mchid' | 'nonce' | 'key' | 'signType'>,
  fields: Fields,
  type: SignType = signType,
): Fields {
  const all = { ...fields, mch_id: mchid, nonce_str: nonce(), sign_type: type };
  return { ...all, sign: signatureOf(all, key, type) };
}
