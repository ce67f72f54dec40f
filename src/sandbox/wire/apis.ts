import type { Merchant } from '../identity/merchants.js';

/** The APIs that are served, by their names in faults, limits and counts. */
export const apis = [
  ...(['prepay', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates'] as const),
  // Of code scan.
  ...(['charge', 'reverse'] as const),
  ...(['bill', 'billFile'] as const),
] as const;
export type Api = (typeof apis)[number];

/** Refunds have a second limit, for those that are refused. */
export const limitNames = [...apis, 'refundFailures'] as const;
type LimitName = (typeof limitNames)[number];

export type Counters = ReturnType<typeof createCounters>;

interface Count {
  count: number;
  refusedByLimit: number;
}

/** The calls since the start of this process, and their limits in a sliding second of real time. */
export function createCounters() {
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
    /** Counts a call; false when its second is full. */
    admit(merchant: Merchant, api: Api, realNowMs: number): boolean {
      const count = countOf(merchant.row.mchid, api);
      count.count += 1;
      const admitted = fits(merchant, api, realNowMs);
      if (!admitted) count.refusedByLimit += 1;
      return admitted;
    },
    /** Counts a refusal of a call that was admitted; false when its second is full. */
    admitFailure(merchant: Merchant, api: Api, realNowMs: number): boolean {
      if (api !== 'refund' || fits(merchant, 'refundFailures', realNowMs)) return true;
      countOf(merchant.row.mchid, api).refusedByLimit += 1;
      return false;
    },
    calls: (mchid: string): Record<string, Count> => Object.fromEntries(counted.get(mchid) ?? []),
  };
}
