import type { Merchant } from '../../identity/merchants.js';
import type { Api } from '../apis.js';
import type { Answer } from './answer.js';

export interface Operation {
  api: Api;
  method: 'GET' | 'POST';
  /** With at most one parameter, `:id`. */
  path: string;
  outTradeNo(call: Call): string | undefined;
  run(call: Call, bend: Bend): Answer;
}

export interface Call {
  merchant: Merchant;
  body: string;
  /** The decoded path parameter; '' when the path has none. */
  pathParameter: string;
  query: URLSearchParams;
  /** The request's `Wechatpay-Serial`; '' when absent. */
  serial: string;
  /** The address by which the caller reached this sandbox, `http://host:port`. */
  origin: string;
}

/** How a fault bends the answer of a query. */
export interface Bend {
  stale?: boolean;
  shownTotalFen?: (real: number) => number;
}
