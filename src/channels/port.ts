import type {
  ChargeAnswer,
  CloseAnswer,
  GatewayFailureCode,
  GatewayRefusal,
  PrepayAnswer,
  QueriedRefund,
  QueryAnswer,
  RefundAnswer,
} from '../orders/rules/gateway-answer.js';
import type { BillKind } from '../reconciliation/rules/bill-line.js';
import type { BillDate } from '../reconciliation/rules/day.js';
import type { Mchid, OutRefundNo, OutTradeNo } from '../base/ids.js';
import type { Fen } from '../base/money.js';
import type { AttemptParameters } from '../orders/rules/record.js';
import type { Evidence } from '../orders/rules/evidence.js';
import type { PrepayProduct, Product, Till } from '../orders/rules/product.js';
import type { Sealed } from '../orders/rules/sale.js';
import type { RefundEvidence } from '../refunds/rules/events.js';
import type { PayerCard, RefundSource } from '../refunds/rules/source.js';

/**
 * One merchant's gateway. Definitive answers are values; everything else throws {@link GatewayError}. `patience`: `brief` (a local
 * try, at most 2 s, `gate_shut` where it would wait longer than a moment) or `durable` (a retried activity, at most 10 s).
 */
export type Gateway = {
  /** The exact body of a prepay: stored before the first call and sent again byte for byte. */
  prepayBody(parameters: AttemptParameters): string;
  prepay(request: PrepayRequest, options: CallOptions): Promise<PrepayAnswer>;
  /**
   * Charges a payer's code: no second call of a number may follow, so its `claim` is made once the call may leave. Until then it throws
   * as every call does; afterwards {@link GatewayError} `unknown` means that the payer may have paid.
   */
  charge(request: ChargeRequest, options: CallOptions): Promise<ChargeAnswer>;
  /** Ends a charge, and gives back what was paid; to be repeated until a query shows it. */
  reverse(request: { outTradeNo: OutTradeNo; appid: string }, options: CallOptions): Promise<CloseAnswer>;
  query(request: { outTradeNo: OutTradeNo }, options: CallOptions): Promise<QueryAnswer>;
  close(request: CloseRequest, options: CallOptions): Promise<CloseAnswer>;
  /** Every apply of one number sends the same parameters; WeChat Pay refunds a number once. */
  refund(request: RefundRequest, options: CallOptions): Promise<RefundAnswer>;
  queryRefund(request: { outRefundNo: OutRefundNo }, options: CallOptions): Promise<QueriedRefund>;
  /** Sends an abnormal refund to the payer's bank card, or to the merchant's own, to be paid out by the merchant. */
  abnormalRefund(request: AbnormalRefundRequest, options: CallOptions): Promise<RefundAnswer>;
  /** Encrypts texts that WeChat Pay alone may read; null of API v2, which takes none. Throws {@link GatewayError} without a key. */
  readonly seal: ((texts: readonly string[], options: CallOptions) => Promise<SealedTexts>) | null;
  /**
   * Asks for the address of a day's bill: it lives for five minutes. Of API v2, which has none, it reads the file for its hash, however
   * long that takes after the first byte.
   */
  applyForBill(request: BillRequest, options: CallOptions): Promise<BillAnswer>;
  /**
   * The file, unzipped, as fast as it is read; its hash is the caller's to check. Reading it throws {@link GatewayError} where the file
   * breaks off, `options.signal` ends it. `patience` bounds the time to its first byte.
   */
  downloadBill(request: BillAddress, options: CallOptions): Promise<BillDownload>;
  /** The front end's call of WeChat, signed anew each time. `null` for native and h5. */
  invoke(request: { product: Product; appid: string; prepayId: string }): Invoke | null;
  /** Reads again what was verified when it came, as this build understands it. Throws {@link NotifyRejected}. */
  rereadNotify(proven: ProvenNotify): ParsedNotify;
};

export type PrepayRequest = {
  readonly product: PrepayProduct;
  readonly body: string;
  /** Of the key with which fields of the body were sealed. */
  readonly serial?: string | undefined;
};

export type AbnormalRefundRequest = {
  readonly refundId: string;
  readonly outRefundNo: OutRefundNo;
  /** Null: the merchant's own. */
  readonly card: Sealed<PayerCard> | null;
};

/** Each in base64, in the order in which they came; `serial` names the key, and goes with the call that sends them. */
export type SealedTexts = { readonly serial: string; readonly texts: readonly string[] };

/** `claim` erases the payer's code wherever it is kept; what it throws is thrown, and nothing leaves. */
export type ChargeRequest = { readonly claim: () => Promise<Charge> };

/** What a charge is made of, held in memory only. */
export type Charge = Pick<
  AttemptParameters,
  'outTradeNo' | 'appid' | 'amountFen' | 'description' | 'attach' | 'sale'
> & {
  readonly authCode: string;
  readonly till: Till;
};

/** Where a notify comes in: with API v2 each kind has a path of its own. */
export type NotifyPath = 'v3' | 'v2Payment' | 'v2Refund';

/** The keys of one notify path. */
export type NotifyReader = {
  /** Verifies over the raw bytes, decrypts, parses. Throws {@link NotifyRejected}. */
  parseNotify(request: RawNotify): Promise<ParsedNotify>;
};

export type CallOptions = {
  readonly patience: 'brief' | 'durable';
  readonly signal?: AbortSignal;
  /** A person or the shop waits: the call may try while WeChat Pay asks for quiet. */
  readonly isAsked?: boolean;
  /** Nobody waits: the call goes after all others, and is `gate_shut` where there are too many of its kind. */
  readonly isPoll?: boolean;
};

export type Invoke = Readonly<Record<string, string>>;

export type RawNotify = { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string | undefined>> };

/** A notify whose sender was proven by the key of this serial. */
export type ProvenNotify = { readonly body: Uint8Array; readonly serialNo: string };

export type CloseRequest = {
  readonly outTradeNo: OutTradeNo;
  /** When its first code was given, where that is known. */
  readonly openedAtMs?: number | undefined;
};

export type RefundRequest = {
  readonly outTradeNo: OutTradeNo;
  readonly outRefundNo: OutRefundNo;
  readonly amountFen: Fen;
  readonly totalFen: Fen;
  readonly reason: string | null;
  readonly source: RefundSource | null;
};

export type BillRequest = {
  readonly kind: BillKind;
  readonly date: BillDate;
  /** The file comes smaller over the wire. */
  readonly isZipped: boolean;
};

/** `none`: nothing moved on that day. `creating`: later. */
export type BillAnswer =
  /** `sha1`: hexadecimal digits, in either case, of the unzipped file. */
  | { readonly kind: 'ready'; readonly url: string; readonly sha1: string }
  | { readonly kind: 'none' | 'creating' }
  | { readonly kind: 'refused'; readonly refusal: GatewayRefusal };

export type BillAddress = { readonly url: string; readonly isZipped: boolean };

export type BillDownload =
  | { readonly kind: 'bytes'; readonly bytes: AsyncIterable<Uint8Array> }
  /** The address is used up. */
  | { readonly kind: 'expired' };

export type ParsedNotify = {
  /** Unique per mchid, protocol and kind: the inbox's key. */
  readonly key: string;
  readonly mchid: Mchid;
  readonly serialNo: string;
  readonly eventType: string;
  /** As WeChat Pay sent it: not necessarily one of ours. */
  readonly outTradeNo: string | null;
} & (
  | {
      readonly kind: 'payment';
      readonly outTradeNo: string;
      readonly evidence: Omit<Evidence, 'outTradeNo' | 'source'>;
    }
  /** Nothing that this build handles; `isUnread`: announced as a payment or a refund all the same. */
  | { readonly kind: 'other'; readonly evidence: { readonly originalType: string | null }; readonly isUnread: boolean }
  | {
      readonly kind: 'refund';
      readonly outTradeNo: string;
      readonly outRefundNo: string;
      readonly evidence: Omit<RefundEvidence, 'outRefundNo'>;
    }
);

/** No definitive answer. The message never holds a payload or a key; `gatewayCode` is WeChat Pay's own, or ours where it said none. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayFailureCode;
  readonly gatewayCode: string | null;
  readonly retryAfterMs: number | null;
  /** WeChat Pay asked for quiet of this length. */
  readonly quietMs: number | null;
  readonly refusal: GatewayRefusal | null;

  constructor(code: GatewayFailureCode, { cause, ...said }: Said & { cause?: unknown } = {}) {
    super(`gateway call failed: ${code}${said.gatewayCode == null ? '' : ` (${said.gatewayCode})`}`, { cause });
    this.code = code;
    this.gatewayCode = said.gatewayCode ?? null;
    this.retryAfterMs = said.retryAfterMs ?? null;
    this.quietMs = said.quietMs ?? null;
    this.refusal = said.refusal ?? null;
  }
}

type Said = Partial<Pick<GatewayError, 'gatewayCode' | 'retryAfterMs' | 'quietMs' | 'refusal'>>;

/** For a counter and a sampled log line, never for the answer. */
export type NotifyRejection =
  'missing_header' | 'stale' | 'unknown_serial' | 'bad_signature' | 'undecryptable' | 'malformed' | 'wrong_merchant';

export class NotifyRejected extends Error {
  override readonly name = 'NotifyRejected';
  readonly code: NotifyRejection;

  constructor(code: NotifyRejection, options: { cause?: unknown } = {}) {
    super(`notify rejected: ${code}`, options);
    this.code = code;
  }
}

/** `undefined` for a number that is not configured at the moment. */
export type Gateways = {
  for(mchid: Mchid): Gateway | undefined;
  /**
   * By the number in the notify's path: the credentials', not that of the merchant it is about. To a merchant of v3 refunds come in v2
   * too, where its API v2 key is configured.
   */
  notifiesTo(mchid: Mchid, path: NotifyPath): NotifyReader | undefined;
};

/** pino's shape. Fields never hold a payload, a key or an openid. */
export type GatewayLog = { warn(fields: Readonly<Record<string, unknown>>, message: string): void };

export const silentLog: GatewayLog = { warn: () => undefined };
