import type { FaultKind, FaultTarget } from '../../src/sandbox/fault/fault.js';

export type Fault = { readonly on: FaultTarget; readonly kind: FaultKind } & Readonly<Record<string, unknown>>;

export type SandboxTrade = {
  readonly out_trade_no: string;
  readonly trade_state: string;
  readonly total: number;
  readonly transaction_id: string | null;
};

export type SandboxNotify = { readonly id: string; readonly out_trade_no: string; readonly status: number | null };

export type SandboxRefund = {
  readonly out_refund_no: string;
  readonly out_trade_no: string;
  readonly refund: number;
  readonly status: string;
};

export type PayOptions = {
  /** Pays a closed or expired trade, as a payment in flight does. */
  readonly force?: boolean;
  readonly openid?: string;
  readonly couponFen?: number;
  /** Another one of the merchant's, under which the money comes. */
  readonly appid?: string;
  readonly payerCurrency?: string;
  readonly payerTotalFen?: number;
  /** Fields that query answers and the notify do without. */
  readonly omit?: readonly string[];
};

export type ForeignTrade = {
  readonly outTradeNo: string;
  readonly totalFen: number;
  readonly state: 'NOTPAY' | 'SUCCESS' | 'REFUND' | 'CLOSED';
  readonly appid?: string;
  readonly tradeType?: 'NATIVE' | 'JSAPI' | 'APP' | 'MWEB';
  readonly notifyUrl?: string;
  /** When it was paid, as RFC 3339; else now. */
  readonly successTime?: string;
};

export type ShownCode = {
  /** What the payer does once it is charged; default pays at once. */
  readonly payer?: 'pays' | 'password' | 'refuses' | 'silent';
  readonly afterMs?: number;
};

export type OutsideRefund = {
  readonly outTradeNo: string;
  readonly refundFen: number;
  readonly outRefundNo?: string;
  /** `v3` goes to `notifyUrl`, else to where the payment was told. */
  readonly notify?: 'v2' | 'v3' | null;
  readonly notifyUrl?: string;
};

/** The sandbox's control plane, for one merchant. */
export type SandboxControl = {
  pay(outTradeNo: string, options?: PayOptions): Promise<{ readonly transactionId: string }>;
  /** A trade that somebody else made under this merchant's number. */
  foreignTrade(trade: ForeignTrade): Promise<SandboxTrade>;
  /** The 18 digits on a payer's phone. */
  code(shown?: ShownCode): Promise<string>;
  /** A refund that somebody made in the merchant platform. */
  outsideRefund(refund: OutsideRefund): Promise<SandboxRefund>;
  /** Adds faults behind those that are there. */
  fault(...faults: readonly Fault[]): Promise<void>;
  repair(): Promise<void>;
  trades(): Promise<SandboxTrade[]>;
  trade(outTradeNo: string): Promise<SandboxTrade | undefined>;
  /** Every delivery that was tried. */
  notifies(outTradeNo: string): Promise<SandboxNotify[]>;
  refunds(outTradeNo: string): Promise<SandboxRefund[]>;
  settle(outRefundNo: string, status: 'SUCCESS' | 'ABNORMAL' | 'CLOSED'): Promise<void>;
  balance(balanceFen: number): Promise<void>;
  /** How long a refund takes by itself. */
  refundDelay(refundDelayMs: number): Promise<void>;
  /** Calls of one API so far. */
  calls(api: string): Promise<number>;
  /** Moves business time: notifies due meanwhile come at once. */
  advance(seconds: number): Promise<void>;
};

export function sandboxControl(sandboxUrl: string, mchid: string): SandboxControl {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${sandboxUrl}/sandbox${path}?mchid=${mchid}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`sandbox ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const trades = async () => (await call('GET', '/trades')) as SandboxTrade[];
  return {
    pay: async (outTradeNo, options = {}) =>
      (await call('POST', '/pay', { outTradeNo, ...options })) as { transactionId: string },
    foreignTrade: async (trade) => (await call('POST', '/trades', trade)) as SandboxTrade,
    code: async (shown = {}) => ((await call('POST', '/codes', shown)) as { authCode: string }).authCode,
    outsideRefund: async (refund) => (await call('POST', '/refunds', refund)) as SandboxRefund,
    async fault(...faults) {
      await call('POST', '/faults', faults);
    },
    async repair() {
      await call('DELETE', '/faults');
    },
    trades,
    trade: async (outTradeNo) => (await trades()).find((trade) => trade.out_trade_no === outTradeNo),
    notifies: async (outTradeNo) =>
      ((await call('GET', '/notifies')) as SandboxNotify[]).filter((it) => it.out_trade_no === outTradeNo),
    refunds: async (outTradeNo) =>
      ((await call('GET', '/refunds')) as SandboxRefund[]).filter((it) => it.out_trade_no === outTradeNo),
    async settle(outRefundNo, status) {
      await call('POST', `/refunds/${encodeURIComponent(outRefundNo)}/settle`, { status });
    },
    async balance(balanceFen) {
      await call('PUT', '/balance', { balanceFen });
    },
    async refundDelay(refundDelayMs) {
      await call('PUT', '/settings', { refundDelayMs });
    },
    calls: async (api) => {
      const all = (await call('GET', '/calls')) as Record<string, Record<string, { count: number }>>;
      return all[mchid]?.[api]?.count ?? 0;
    },
    async advance(advanceSeconds) {
      await call('POST', '/clock', { advanceSeconds });
    },
  };
}
