import type { GatewayApi, GatewayRefusal, PaymentFacts } from './gateway-answer.js';
import type { Mchid, OrderNo, OutTradeNo } from '../../base/ids.js';
import type { Fen } from '../../base/money.js';
import type { Policy } from './policy.js';
import type { EventStatus } from '../../shop-events/rules/event.js';
import type { H5Type, Product, Till } from './product.js';
import type { PayerIdentity, SaleTerms, SceneInfo, Sealed } from './sale.js';
import type { RefundRecord } from '../../refunds/rules/record.js';
import type { EvidenceSource } from './evidence.js';
import type {
  AttemptState,
  ClosedReason,
  Ending,
  FoundBy,
  FulfilmentState,
  OrderStateName,
  ReviewReason,
  StuckReason,
} from './states.js';

/** What the shop may add to its order; kept and answered as it came. */
export type ShopData = {
  readonly attach: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** Where the checkout page leads back to. */
  readonly returnUrl: string | null;
};

/** In a request; what is left out is null in the row. */
export type AskedShopData = { readonly [Field in keyof ShopData]?: ShopData[Field] | undefined };

export const shopDataOf = ({ attach, metadata, returnUrl }: ShopData): ShopData => ({
  attach,
  metadata,
  returnUrl,
});

/** One order as Postgres holds it. */
export type OrderRecord = ShopData & {
  readonly mchid: Mchid;
  readonly orderNo: OrderNo;
  /** Grows by one with every visible change; the id of the order's server-sent events. */
  readonly version: number;
  readonly state: OrderStateName;
  readonly closedReason: ClosedReason | null;
  readonly reviewReason: ReviewReason | null;
  readonly ending: Ending | null;
  readonly stuckReason: StuckReason | null;
  readonly stuckSince: Date | null;
  /** What the order's own workflow is stuck on; `stuckReason` also shows its refunds and a shop that could not be told. */
  readonly ownStuckReason: StuckReason | null;
  readonly amountFen: Fen;
  readonly paidAttempt: OutTradeNo | null;
  readonly paidFen: Fen;
  readonly returnedFen: Fen;
  readonly fulfilment: FulfilmentState;
  readonly description: string;
  readonly policy: Policy;
  readonly bodyHash: string;
  readonly expiresInSeconds: number;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly paidAt: Date | null;
  readonly foundBy: FoundBy | null;
  readonly closedAt: Date | null;
  readonly dueAt: Date | null;
  /** Since when its workflow, or that of one of its refunds, cannot go on; null while it does. */
  readonly stalledSince: Date | null;
  /** In the order of their numbers. */
  readonly attempts: readonly AttemptRecord[];
  /** In the order in which they were asked for. */
  readonly refunds: readonly RefundRecord[];
  /** What became of `order.paid`; null before there was one. */
  readonly paidEvent: { readonly status: EventStatus; readonly deliveredAt: Date | null } | null;
};

export type AttemptRecord = {
  readonly outTradeNo: OutTradeNo;
  readonly number: number;
  readonly product: Product;
  readonly appid: string;
  readonly state: AttemptState;
  readonly codeUrl: string | null;
  readonly prepayId: string | null;
  readonly h5Url: string | null;
  readonly codeExpiresAt: Date | null;
  /** When the first prepay of this number left; null = nobody can have paid it. */
  readonly prepayStartedAt: Date | null;
  /** From then on only CLOSED proves that nobody pays. */
  readonly codeGiven: boolean;
  readonly prepayUnknown: boolean;
  /** WeChat Pay knew a trade of this number before PaySaga ever asked for one. */
  readonly foreign: boolean;
  /** Its charge was given up: whatever of it succeeds goes back. */
  readonly reversing: boolean;
  readonly transactionId: string | null;
  /** What a query confirmed at WeChat Pay, whatever the order's state; else 0. */
  readonly paidFen: Fen;
  readonly paidAt: Date | null;
  readonly refundedFen: Fen;
  readonly refundingFen: Fen;
  readonly payment: PaymentFacts | null;
  /** WeChat Pay's definitive refusal of its prepay, in its own words. */
  readonly refusal: GatewayRefusal | null;
  /** What a prepay or a close of it was refused with last. */
  readonly gateway: GatewayRefusal | null;
  readonly attemptKey: string | null;
  readonly bodyHash: string | null;
};

/** What a prepay body is made of; read by activities only, since it names the payer. */
export type AttemptParameters = Pick<AttemptRecord, 'outTradeNo' | 'product' | 'appid'> &
  Pick<OrderRecord, 'amountFen' | 'description' | 'attach'> & {
    readonly openid: string | null;
    readonly clientIp: string | null;
    readonly h5Type: H5Type | null;
    /** Of code scan. */
    readonly till?: Till | null;
    readonly sale: SaleTerms | null;
    readonly sceneInfo: SceneInfo | null;
    readonly identity: Sealed<PayerIdentity> | null;
    /** PaySaga's own deadline; `time_expire` of the first prepay. */
    readonly expiresAt: Date;
    /** The exact bytes of the first prepay body, once there was one: WeChat Pay refuses a re-entry that differs. */
    readonly prepayBody: string | null;
  };

export type EvidenceRecord = {
  readonly id: string;
  readonly source: EvidenceSource;
  readonly outTradeNo: OutTradeNo;
  readonly transactionId: string;
  readonly amountFen: Fen;
  readonly mchid: Mchid;
  readonly appid: string;
  readonly tradeType: string;
  readonly currency: string;
  readonly at: Date;
};

export type GatewayCallRecord = {
  readonly api: GatewayApi;
  readonly outTradeNo: OutTradeNo;
  readonly at: Date;
  /** `ok`, a failure code or WeChat Pay's own code; never a message. */
  readonly outcome: string;
  readonly gateway: GatewayRefusal | null;
  readonly nextAt: Date | null;
};

/** WeChat Pay asked for quiet, which is kept until then. */
export type QuietCall = { readonly api: GatewayApi; readonly until: Date };
