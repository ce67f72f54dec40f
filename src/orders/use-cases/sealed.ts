import type { Mchid } from '../../base/ids.js';
import { GatewayError, type Gateways, type SealedTexts } from '../../channels/port.js';
import { DomainError } from '../rules/domain-error.js';
import type { PayerIdentity, Sealed } from '../rules/sale.js';
import { NOT_CONFIGURED } from './payer.js';

export type SealDeps = { readonly gateways: Pick<Gateways, 'for'> };

/**
 * What WeChat Pay alone may read, encrypted before it is kept anywhere. Throws `invalid_request` where the merchant's API takes nothing
 * of it, `outcome_pending` while WeChat Pay's key is not here.
 */
export async function sealed({ gateways }: SealDeps, mchid: Mchid, texts: readonly string[]): Promise<SealedTexts> {
  const gateway = gateways.for(mchid);
  if (gateway === undefined) throw new DomainError('invalid_request', NOT_CONFIGURED);
  if (gateway.seal === null)
    throw new DomainError('invalid_request', 'API v2 takes no sealed fields, which this needs.');
  try {
    return await gateway.seal(texts, { patience: 'brief' });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const message = "WeChat Pay's key is not here yet: nothing was recorded, repeat the call.";
    throw new DomainError('outcome_pending', message, { retryAfterSeconds: 5 });
  }
}

/** As rows keep it. Throws as {@link sealed} does. */
export async function sealedIdentity(
  deps: SealDeps,
  mchid: Mchid,
  identity: PayerIdentity | undefined,
): Promise<Sealed<PayerIdentity> | null> {
  if (identity === undefined) return null;
  const { serial, texts } = await sealed(deps, mchid, [identity.number, identity.name]);
  const [number = '', name = ''] = texts;
  return { serial, type: identity.type, number, name };
}
