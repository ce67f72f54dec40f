import type {
  CloseAnswer,
  GatewayFailureCode,
  GatewayRefusal,
  PrepayAnswer,
  QueriedRefund,
  QueryAnswer,
  RefundAnswer,
} from '../orders/rules/gateway-answer.js';
import type { Mchid, OutRefundNo, OutTradeNo } from '../base/ids.js';
import type { Fen } from '../base/money.js';
import type { AttemptParameters } from '../orders/rules/record.js';
import type { Evidence } from '../orders/rules/evidence.js';
import type { Product } from '../orders/rules/product.js';
import type { RefundEvidence } from '../refunds/rules/evidence.js';

/**
 * A payment gateway, for one merchant. Definitive answers are values; everything else throws {@link GatewayError}.
 * `patience` says who waits: `brief` (a local try, at most 2 s, refused at once with `gate_shut` when the gate is shut or no
 * token is left) or `durable` (a retried activity, at most 10 s).
 */
export type Gateway = {
  /** The exact body of a prepay: stored before the first call and sent again byte for byte. Pure. */
  prepayBody(parameters: AttemptParameters): string;
  prepay(request: { product: Product; body: string }, options: CallOptions): Promise<PrepayAnswer>;
  query(request: { outTradeNo: OutTradeNo }, options: CallOptions): Promise<QueryAnswer>;
  close(request: { outTradeNo: OutTradeNo }, options: CallOptions): Promise<CloseAnswer>;
  /** Every apply of one number sends the same parameters; WeChat Pay refunds a number once. */
  refund(request: RefundRequest, options: CallOptions): Promise<RefundAnswer>;
  queryRefund(request: { outRefundNo: OutRefundNo }, options: CallOptions): Promise<QueriedRefund>;
  /** Sends an abnormal refund to the merchant's own bank card (`MERCHANT_BANK_CARD`), to be paid out by the merchant. */
  abnormalRefund(request: { refundId: string; outRefundNo: OutRefundNo }, options: CallOptions): Promise<RefundAnswer>;
  /** What the shop's front end calls WeChat with; signed anew each time. `null` for native and h5. */
  invoke(request: { product: Product; appid: string; prepayId: string }): Invoke | null;
  /** Reads again what was verified when it came, as this build understands it. Throws {@link NotifyRejected}. */
  rereadNotify(proven: ProvenNotify): ParsedNotify;
};

/** Whoever holds the keys that prove and open what comes to one notify path. */
export type NotifyReader = {
  /** Verifies over the raw bytes, decrypts, parses. Throws {@link NotifyRejected}; opaque on purpose. */
  parseNotify(request: RawNotify): Promise<ParsedNotify>;
};

export type CallOptions = {
  readonly patience: 'brief' | 'durable';
  readonly signal?: AbortSignal;
  /** A person or the shop waits for it: it may try while WeChat Pay asks for quiet. */
  readonly isAsked?: boolean;
};

export type Invoke = Readonly<Record<string, string>>;

export type RawNotify = { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string | undefined>> };

/** The bytes of a notify whose sender was proven, by the key of this serial. */
export type ProvenNotify = { readonly body: Uint8Array; readonly serialNo: string };

export type RefundRequest = {
  readonly outTradeNo: OutTradeNo;
  readonly outRefundNo: OutRefundNo;
  readonly amountFen: Fen;
  readonly totalFen: Fen;
  readonly reason: string | null;
};

export type ParsedNotify = {
  /** Unique per mchid, protocol and kind: the inbox's key. */
  readonly key: string;
  /** Whose payment or refund it is about. */
  readonly mchid: Mchid;
  readonly serialNo: string;
  /** WeChat Pay's word for what happened. */
  readonly eventType: string;
  /** As WeChat Pay sent it: legal for WeChat, not necessarily one of ours. What is of another kind may name none. */
  readonly outTradeNo: string | null;
} & (
  | {
      readonly kind: 'payment';
      readonly outTradeNo: string;
      readonly evidence: Omit<Evidence, 'outTradeNo' | 'source'>;
    }
  /** Verified and opened, and nothing that this build handles; `isUnread`: announced as a payment or a refund all the same. */
  | {
      readonly kind: 'other';
      readonly evidence: { readonly originalType: string | null };
      readonly isUnread: boolean;
    }
  | {
      readonly kind: 'refund';
      readonly outTradeNo: string;
      /** As WeChat Pay sent it. */
      readonly outRefundNo: string;
      readonly evidence: Omit<RefundEvidence, 'outRefundNo'>;
    }
);

/** No definitive answer. The message never holds a payload or a key; `gatewayCode` is WeChat Pay's own code, if it gave one. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: GatewayFailureCode;
  readonly gatewayCode: string | null;
  readonly retryAfterMs: number | null;
  /** WeChat Pay asked for quiet, and so long this process keeps it. */
  readonly quietMs: number | null;
  /** What WeChat Pay refused with, for those who keep it; never in the message. */
  readonly refusal: GatewayRefusal | null;

  constructor(
    code: GatewayFailureCode,
    options: {
      gatewayCode?: string;
      retryAfterMs?: number;
      quietMs?: number;
      refusal?: GatewayRefusal;
      cause?: unknown;
    } = {},
  ) {
    super(`gateway call failed: ${code}${options.gatewayCode === undefined ? '' : ` (${options.gatewayCode})`}`, {
      cause: options.cause,
    });
    this.code = code;
    this.gatewayCode = options.gatewayCode ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.quietMs = options.quietMs ?? null;
    this.refusal = options.refusal ?? null;
  }
}

/** Why a notify was not accepted: for a counter and a sampled log line, never for the answer. */
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

/** As is configured at the moment of asking; `undefined` for what is not. */
export type Gateways = {
  for(mchid: Mchid): Gateway | undefined;
  /** By the number in the path that a notify came to: that of the credentials, not of the merchant it is about. */
  notifiesTo(mchid: Mchid): NotifyReader | undefined;
};

/** What the gateway says to an operator; pino's shape. Fields never hold a payload, a key or an openid. */
export type GatewayLog = { warn(fields: Readonly<Record<string, unknown>>, message: string): void };

export const silentLog: GatewayLog = { warn: () => undefined };
