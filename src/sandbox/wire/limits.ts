import type { Merchant } from '../identity/merchants.js';
import type { Api } from './call.js';

export interface Counters {
  /** Counts a call; false when it is one too many in its second. */
  admit(merchant: Merchant, api: Api, realNowMs: number): boolean;
  /** By mchid and api, since the start of this process. */
  calls(mchid: string): Record<string, { count: number; refusedByLimit: number }>;
}

/** Requests per second in a sliding second of real time. */
export function createCounters(): Counters {
  const recent = new Map<string, number[]>();
  const counted = new Map<string, Map<Api, { count: number; refusedByLimit: number }>>();
  return {
    admit(merchant, api, realNowMs) {
      const { mchid, limits } = merchant.row;
      const ofMerchant = counted.get(mchid) ?? new Map<Api, { count: number; refusedByLimit: number }>();
      const count = ofMerchant.get(api) ?? { count: 0, refusedByLimit: 0 };
      counted.set(mchid, ofMerchant.set(api, count));
      count.count += 1;
      const limit = limits[api];
      if (limit === undefined) return true;
      const inLastSecond = (recent.get(`${mchid}/${api}`) ?? []).filter((at) => at > realNowMs - 1000);
      const admitted = inLastSecond.length < limit;
      if (admitted) inLastSecond.push(realNowMs);
      else count.refusedByLimit += 1;
      recent.set(`${mchid}/${api}`, inLastSecond);
      return admitted;
    },
    calls: (mchid) => Object.fromEntries(counted.get(mchid) ?? []),
  };
}
