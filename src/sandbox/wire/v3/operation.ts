import type { Merchant } from '../../identity/merchants.js';
import type { Accounts } from '../../accounts.js';
import type { RefundLife } from '../../refund/life.js';
import type { Refunds } from '../../refund/refund.js';
import type { Clock } from '../../store/clock.js';
import type { Store } from '../../store/store.js';
import type { Trades } from '../../trade/trade.js';
import type { Answer } from './answer.js';

export const apis = ['prepay', 'query', 'close', 'refund', 'refundQuery', 'abnormalRefund', 'certificates'] as const;
export type Api = (typeof apis)[number];

/** An authenticated call. */
export interface Call {
  merchant: Merchant;
  body: string;
  /** Decoded path parameter; '' when the path has none. */
  pathParameter: string;
  query: URLSearchParams;
  /** The request's `Wechatpay-Serial`; '' when absent. */
  serial: string;
  /** Where the caller reached this sandbox, `http://host:port`. */
  origin: string;
}

/** How a fault bends what a query answers. */
export interface Bend {
  stale?: boolean;
  shownTotalFen?: (real: number) => number;
}

export interface Ledger {
  store: Store;
  clock: Clock;
  trades: Trades;
  refunds: Refunds;
  accounts: Accounts;
  refundLife: RefundLife;
}

/** One operation of the wire: which trade it is about, and what it does. */
export interface Operation {
  api: Api;
  outTradeNo(call: Call): string | undefined;
  run(call: Call, bend: Bend): Answer;
}
