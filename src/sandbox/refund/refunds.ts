import type { Change, Store } from '../store/store.js';
import { refundSchema, type Refund } from './refund.js';

export interface Refunds {
  find(mchid: string, outRefundNo: string): Refund | undefined;
  findByRefundId(mchid: string | undefined, refundId: string): Refund | undefined;
  /** Oldest first. */
  ofTrade(mchid: string, outTradeNo: string): Refund[];
  /** In the order they were accepted. */
  ofMerchant(mchid: string): Refund[];
  /** Those that will succeed by themselves, of all merchants. */
  waiting(): Refund[];
  /** The change that saves this refund, for `store.write`. */
  put(refund: Refund): Change;
}

/** The merchants' refunds. */
export function createRefunds(store: Store): Refunds {
  const table = store.table('refunds', refundSchema);
  const byRefundId = new Map<string, string>();
  const byTrade = new Map<string, Set<string>>();
  const index = (refund: Refund) => {
    const id = idOf(refund.mchid, refund.outRefundNo);
    const trade = idOf(refund.mchid, refund.outTradeNo);
    byRefundId.set(refund.refundId, id);
    byTrade.set(trade, (byTrade.get(trade) ?? new Set()).add(id));
  };
  for (const refund of table.values()) index(refund);
  return {
    find: (mchid, outRefundNo) => table.get(idOf(mchid, outRefundNo)),
    findByRefundId(mchid, refundId) {
      const refund = table.get(byRefundId.get(refundId) ?? '');
      return refund && (mchid ?? refund.mchid) === refund.mchid ? refund : undefined;
    },
    ofTrade: (mchid, outTradeNo) =>
      [...(byTrade.get(idOf(mchid, outTradeNo)) ?? [])].flatMap((id) => table.get(id) ?? []),
    ofMerchant: (mchid) => [...table.values()].filter((refund) => refund.mchid === mchid),
    waiting: () => [...table.values()].filter((refund) => refund.dueAt !== null),
    put(refund) {
      const change = table.put(idOf(refund.mchid, refund.outRefundNo), refund);
      return {
        entry: change.entry,
        apply() {
          change.apply();
          index(refund);
        },
      };
    },
  };
}

function idOf(mchid: string, number: string): string {
  return `${mchid}/${number}`;
}
