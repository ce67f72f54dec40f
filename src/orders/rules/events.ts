import type { ChargeAnswer, PrepayAnswer, TradeAnswer } from './gateway-answer.js';
import type { OutTradeNo } from '../../base/ids.js';
import type { MerchantEventType, PendingEvent } from '../../shop-events/rules/event.js';
import type { Product } from './product.js';
import type { Evidence } from './evidence.js';
import type { OrderProjection } from './projection.js';
import type { Shop } from './state.js';
import type { ResolveAction } from './states.js';
import type { LoadedOrder } from './stored.js';
import type { CloseOutcome, Trouble } from './trouble.js';

export type OrderEvent =
  | { readonly type: 'loaded'; readonly loaded: LoadedOrder }
  | Projected
  | { readonly type: 'overtaken' | 'unwritten' | 'closeRequested' | 'deadlineReached' | 'fulfilmentDue' | 'recovered' }
  /** Somebody saw more in Postgres than these facts hold. */
  | { readonly type: 'outdated' }
  | { readonly type: 'prepayStarted'; readonly outTradeNo: OutTradeNo }
  | PrepayAnswered
  | ChargeAnswered
  /** A charge is not waited for any longer. */
  | { readonly type: 'reverseDecided'; readonly outTradeNo: OutTradeNo }
  | { readonly type: 'prepayAbandoned'; readonly outTradeNo: OutTradeNo }
  /** The number after the last was reserved with the same parameters; null: all are used up. */
  | { readonly type: 'nextReserved'; readonly outTradeNo: OutTradeNo | null }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  | TradeAnswered
  | CloseAnswered
  | { readonly type: 'deadlineMoved'; readonly untilMs: number }
  | AttemptRequested
  | { readonly type: 'fulfilmentReported'; readonly outcome: 'fulfilled' | 'rejected' }
  | Told
  | { readonly type: 'shopHeard'; readonly shop: Shop }
  | Returned
  /** `refusesOwn`: in histories of before, own money beside somebody else's was as little to be decided about as theirs. */
  | { readonly type: 'resolveRequested'; readonly action: ResolveAction; readonly refusesOwn?: boolean }
  | { readonly type: 'asked'; readonly why: 'sync' | 'recheck' }
  /** A call goes on until it is answered, however long that takes. */
  | { readonly type: 'unanswered' }
  /** Time alone made trouble worth telling. */
  | { readonly type: 'overlong' }
  | { readonly type: 'troubled'; readonly reason: Trouble };

export type PrepayAnswered = {
  readonly type: 'prepayAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly kind: PrepayAnswer['kind'];
  readonly codeExpiresAtMs: number | null;
  /** With a code: how far apart it is polled. */
  readonly pace?: number;
  /** An earlier try of the same call may have taken effect. */
  readonly earlierUnknown: boolean;
  /** No earlier prepay of this number took effect, however little was heard of it. */
  readonly settlesEarlier?: boolean;
  /** WeChat Pay's code; its words stay in Postgres. */
  readonly refusedWith?: string | null;
};

export type ChargeAnswered = {
  readonly type: 'chargeAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly kind: ChargeAnswer['kind'] | 'unknown';
  /** When it left; null: nothing left. */
  readonly sentAtMs: number | null;
  readonly refusedWith?: string | null;
};

export type TradeAnswered = {
  readonly type: 'tradeAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly answer: TradeAnswer;
  /** In histories of before, a later answer overrode the sum that was confirmed, and Postgres refused it for ever. */
  readonly overridesSum?: boolean;
};

export type CloseAnswered = {
  readonly type: 'closeAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly kind: CloseOutcome;
  /** WeChat Pay's code; its words stay in Postgres. */
  readonly refusedWith?: string | null;
  /** For how long it must not be made again. */
  readonly limitedForMs?: number | null;
  /** With `tooEarly`: when WeChat Pay takes it. */
  readonly notBeforeMs?: number;
};

export type AttemptRequested = {
  readonly type: 'attemptRequested';
  readonly outTradeNo: OutTradeNo;
  readonly product: Product;
  readonly appid: string;
  readonly reenter: boolean;
};

export type Projected = {
  readonly type: 'projected';
  readonly projection: OrderProjection;
  /** Not told yet, as Postgres holds them. */
  readonly events: readonly PendingEvent[];
};

/** What became of telling the shop: `later` is left to the event's own workflow, `over` needs no telling any more. */
export type Told = {
  readonly type: 'told';
  readonly event: { readonly id: string; readonly type: MerchantEventType };
  readonly outcome:
    { readonly kind: 'delivered'; readonly atMs: number } | { readonly kind: 'later' | 'unaddressed' | 'over' };
};

/** `nothing`: no money was left to give back. */
export type Returned = {
  readonly type: 'returned';
  readonly outTradeNo: OutTradeNo;
  readonly outcome: 'started' | 'nothing' | 'refused';
};
