import { newPaymentNotify } from '../notify/notify.js';
import type { NotifyQueue } from '../notify/queue.js';
import type { Clock } from '../store/clock.js';
import type { Change, Store } from '../store/store.js';
import { digits, newTransactionId } from './number.js';
import type { Payment, Trade, Trades } from './trade.js';

export interface PayRequest extends Pick<Payment, 'appid' | 'payerCurrency' | 'payerTotalFen' | 'omit'> {
  trade: Trade;
  /** The payer's code; absent: the latest. */
  code?: string | undefined;
  openid?: string | undefined;
  couponFen?: number | undefined;
  /** A payment already in flight: a close, the deadline and the code's age do not stop it. */
  force?: boolean | undefined;
  /** The charge in place of the trade's amount. */
  chargedFen?: number | undefined;
  paidAt?: number | undefined;
  /** Saved together with the payment. */
  alsoSaved?: readonly Change[] | undefined;
}

type Refusal =
  | 'paid'
  | 'closed'
  | 'reversed'
  | 'refused'
  | 'expired'
  | 'code_replaced'
  | 'code_expired'
  | 'wrong_payer'
  | 'coupon_too_big';
type PayResult = { transactionId: string } | { refused: Refusal };

/** Acts as the payer. The payment and its notify are saved together. */
export function createPay(deps: { store: Store; clock: Clock; trades: Trades; notifies: NotifyQueue }) {
  return (request: PayRequest): PayResult => {
    const now = deps.clock.now();
    const refused = refusal(request, now);
    if (refused) return { refused };
    const payment = newPayment(request, now);
    const { mchid, outTradeNo } = request.trade;
    const previousState = deps.trades.find(mchid, outTradeNo)?.state ?? 'NONE';
    const paid: Trade = { ...request.trade, state: 'SUCCESS', previousState, payment };
    const notified = deps.notifies.enqueue(newPaymentNotify(paid, payment));
    deps.store.write(deps.trades.put(paid), ...notified, ...(request.alsoSaved ?? []));
    return { transactionId: payment.transactionId };
  };
}

export type Pay = ReturnType<typeof createPay>;

export const payRefusals: Record<Refusal, string> = {
  paid: 'the trade is already paid',
  closed: 'the trade is closed',
  reversed: 'the trade is reversed',
  refused: 'the payer refused',
  expired: 'the time to pay is over',
  code_replaced: 'a later prepay replaced this code',
  code_expired: 'the code is too old',
  wrong_payer: 'a JSAPI trade is paid by the openid of its prepay',
  coupon_too_big: 'the coupon is worth more than the trade',
};

export function refusal(request: PayRequest, now: number): Refusal | undefined {
  const { trade } = request;
  if (trade.payment) return 'paid';
  if (trade.reversed) return 'reversed';
  if ((request.couponFen ?? 0) > (request.chargedFen ?? trade.totalFen)) return 'coupon_too_big';
  if (trade.tradeType === 'JSAPI' && (request.openid ?? trade.payerOpenid) !== trade.payerOpenid) return 'wrong_payer';
  if (request.force || trade.state === 'USERPAYING') return undefined;
  if (trade.state === 'CLOSED') return 'closed';
  if (trade.state === 'REVOKED') return 'reversed';
  if (trade.state === 'PAYERROR') return 'refused';
  if (now >= trade.payableUntil) return 'expired';
  if (request.code !== undefined && request.code !== trade.code) return 'code_replaced';
  return now >= trade.codeExpiresAt ? 'code_expired' : undefined;
}

function newPayment(request: PayRequest, now: number): Payment {
  const { trade, appid, payerCurrency, payerTotalFen, omit, paidAt = now } = request;
  const couponFen = request.couponFen ?? trade.prompt?.couponFen;
  return {
    transactionId: newTransactionId(paidAt),
    openid: request.openid ?? trade.payerOpenid ?? 'oSandbox0000000000000payer01',
    totalFen: request.chargedFen ?? trade.totalFen,
    ...{ appid, payerCurrency, payerTotalFen, omit, paidAt },
    ...(couponFen ? { coupon: { couponId: digits(10), stockId: digits(8), amountFen: couponFen } } : {}),
  };
}
