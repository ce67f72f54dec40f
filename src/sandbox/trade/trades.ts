import type { Clock } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import { tradeAt, tradeSchema, type Trade } from './trade.js';

export interface Trades {
  find(mchid: string, outTradeNo: string): Trade | undefined;
  findByTransactionId(mchid: string, transactionId: string): Trade | undefined;
  /** By a live or a replaced code. */
  findByCode(mchid: string | undefined, code: string): Trade | undefined;
  /** In the order of their first prepay. */
  ofMerchant(mchid: string): Trade[];
  /** The change that saves this trade, for `store.write`. */
  put(trade: Trade): Change;
}

/** The merchants' trades; every read sees what the gateway's clock has done to the trade by now. */
export function createTrades(store: Store, clock: Clock): Trades {
  const table = store.table('trades', tradeSchema);
  const byTransactionId = new Map<string, string>();
  const byCode = new Map<string, string>();
  const index = (trade: Trade) => {
    const id = tradeId(trade.mchid, trade.outTradeNo);
    for (const code of [trade.code, ...trade.replacedCodes.slice(-1)]) byCode.set(code, id);
    if (trade.payment) byTransactionId.set(trade.payment.transactionId, id);
  };
  for (const trade of table.values()) {
    index(trade);
    for (const code of trade.replacedCodes) byCode.set(code, tradeId(trade.mchid, trade.outTradeNo));
  }
  const get = (id: string | undefined, mchid: string | undefined): Trade | undefined => {
    const trade = id === undefined ? undefined : table.get(id);
    return trade && (mchid ?? trade.mchid) === trade.mchid ? tradeAt(trade, clock.now()) : undefined;
  };
  return {
    find: (mchid, outTradeNo) => get(tradeId(mchid, outTradeNo), mchid),
    findByTransactionId: (mchid, transactionId) => get(byTransactionId.get(transactionId), mchid),
    findByCode: (mchid, code) => get(byCode.get(code), mchid),
    ofMerchant: (mchid) =>
      [...table.values()].filter((trade) => trade.mchid === mchid).map((trade) => tradeAt(trade, clock.now())),
    put(trade) {
      const change = table.put(tradeId(trade.mchid, trade.outTradeNo), trade);
      return {
        entry: change.entry,
        apply() {
          change.apply();
          index(trade);
        },
      };
    },
  };
}

function tradeId(mchid: string, outTradeNo: string): string {
  return `${mchid}/${outTradeNo}`;
}
