import type { Mchid } from '../../../base/ids.js';
import type { Merchant } from '../../../channels/merchant.js';
import type { DoctorDeps } from '../deps.js';
import { failed, ok, type Finding } from '../finding.js';

export type Merchants = ReadonlyMap<Mchid, Merchant>;

export type MerchantsRead = { readonly finding: Finding; readonly merchants: Merchants };

/** The file exactly as ingress and worker read it, with every key file. */
export async function readMerchants(
  deps: Pick<DoctorDeps, 'loadMerchants' | 'isForPeople'>,
  file: string,
): Promise<MerchantsRead> {
  try {
    const merchants = await deps.loadMerchants(file);
    return { merchants, finding: ok(`${merchants.size} in ${file}`) };
  } catch (error) {
    if (!deps.isForPeople(error)) throw error;
    const cure = 'Correct the field that is named; docs/operations.md describes each, and no process starts before.';
    return { merchants: new Map(), finding: failed(error.message, cure) };
  }
}
