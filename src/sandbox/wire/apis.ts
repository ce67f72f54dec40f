import type { Merchant } from '../identity/merchants.js';

/** Every API that is served, by the name that faults, limits and counts have for it. */
export const apis = ['prepay', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates'] as const;
export type Api = (typeof apis)[number];

/** The limits of `PUT /sandbox/limits`; refunds have a second one, for those that are refused. */
export const limitNames = [...apis, 'refundFailures'] as const;
type LimitName = (typeof limitNames)[number];

export interface Counters {
  /** Counts a call; false when its second is full. */
  admit(merchant: Merchant, api: Api, realNowMs: number): boolean;
  /** Counts a refusal of a call that was admitted; false when its second is full. */
  admitFailure(merchant: Merchant, api: Api, realNowMs: number): boolean;
  /** By mchid and api, since the start of this process. */
  calls(mchid: string): Record<string, Count>;
}

interface Count {
  count: number;
  refusedByLimit: number;
}

/** Requests per second in a sliding second of real time. */
export function createCounters(): Counters {
  const recent = new Map<string, number[]>();
  const counted = new Map<string, Map<Api, Count>>();
  const countOf = (mchid: string, api: Api): Count => {
    const ofMerchant = counted.get(mchid) ?? new Map<Api, Count>();
    const count = ofMerchant.get(api) ?? { count: 0, refusedByLimit: 0 };
    counted.set(mchid, ofMerchant.set(api, count));
    return count;
  };
  const fits = ({ row }: Merchant, name: LimitName, realNowMs: number): boolean => {
    const limit = row.limits[name];
    if (limit === undefined) return true;
    const key = `${row.mchid}/${name}`;
    const inLastSecond = (recent.get(key) ?? []).filter((at) => at > realNowMs - 1000);
    const admitted = inLastSecond.length < limit;
    recent.set(key, admitted ? [...inLastSecond, realNowMs] : inLastSecond);
    return admitted;
  };
  return {
    admit(merchant, api, realNowMs) {
      const count = countOf(merchant.row.mchid, api);
      count.count += 1;
      const admitted = fits(merchant, api, realNowMs);
      if (!admitted) count.refusedByLimit += 1;
      return admitted;
    },
    admitFailure(merchant, api, realNowMs) {
      if (api !== 'refund' || fits(merchant, 'refundFailures', realNowMs)) return true;
      countOf(merchant.row.mchid, api).refusedByLimit += 1;
      return false;
    },
    calls: (mchid) => Object.fromEntries(counted.get(mchid) ?? []),
  };
}
