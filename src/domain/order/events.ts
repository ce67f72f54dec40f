import type { CloseAnswer, PrepayAnswer, TradeAnswer } from '../gateway-answer.js';
import type { OutTradeNo } from '../ids.js';
import type { Product } from '../product.js';
import type { Evidence } from './evidence.js';
import type { OrderProjection } from './projection.js';
import type { OrderState } from './state.js';
import type { Trouble } from './trouble.js';

/** Every fact that can reach an order's loop. */
export type OrderEvent =
  | { readonly type: 'loaded'; readonly facts: OrderState }
  | { readonly type: 'projected'; readonly projection: OrderProjection }
  | { readonly type: 'overtaken' }
  | { readonly type: 'prepayStarted'; readonly outTradeNo: OutTradeNo }
  | PrepayAnswered
  | { readonly type: 'prepayAbandoned'; readonly outTradeNo: OutTradeNo }
  | { readonly type: 'evidence'; readonly evidence: Evidence }
  | TradeAnswered
  | CloseAnswered
  | { readonly type: 'closeRequested' }
  | { readonly type: 'deadlineReached' }
  | { readonly type: 'deadlineMoved'; readonly untilMs: number }
  | AttemptRequested
  | { readonly type: 'asked'; readonly why: 'sync' | 'recheck' }
  | { readonly type: 'troubled'; readonly reason: Trouble }
  | { readonly type: 'recovered' };

export type PrepayAnswered = {
  readonly type: 'prepayAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly kind: PrepayAnswer['kind'];
  readonly codeExpiresAtMs: number | null;
  /** An earlier try of the same call may have taken effect. */
  readonly earlierUnknown: boolean;
};

export type TradeAnswered = {
  readonly type: 'tradeAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly answer: TradeAnswer;
};

export type CloseAnswered = {
  readonly type: 'closeAnswered';
  readonly outTradeNo: OutTradeNo;
  readonly kind: CloseAnswer['kind'];
};

export type AttemptRequested = {
  readonly type: 'attemptRequested';
  readonly outTradeNo: OutTradeNo;
  readonly product: Product;
  readonly appid: string;
  readonly reenter: boolean;
};
