import { z } from 'zod';
import type { OutTradeNo } from '../../base/ids.js';
import { parseFen } from '../../base/money.js';
import { parseJson } from '../../base/parse-json.js';
import { beijingClock } from '../../base/time.js';
import type {
  CloseAnswer,
  Coupon,
  PaidTrade,
  PaymentFacts,
  PrepayAnswer,
  PrepayCodes,
  QueryAnswer,
} from '../../orders/rules/gateway-answer.js';
import type { AttemptParameters } from '../../orders/rules/record.js';
import { needsOpenid, type H5Type, type PrepayProduct } from '../../orders/rules/product.js';
import type { SceneInfo } from '../../orders/rules/sale.js';
import type { PrepayRequest } from '../port.js';
import { isSafeUrl } from '../safe-url.js';
import { prepayOfAnotherProtocol, unreadable, type Bounded } from '../flow/call.js';
import { exchange, type ExchangeDeps } from './exchange.js';
import { cleaned, maybeFen, maybeText, maybeTime, textOrNull, token } from '../fields.js';
import { tradeStateOf } from '../trade-state.js';
import { saleFields } from './sale.js';
import { pathSegment } from './transport.js';

/**
 * The same attempt always gives the same text: the keys have one order, `time_expire` is the order's own absolute deadline.
 * Absent fields are left out, since WeChat Pay takes `null` as a value.
 */
export function prepayBody(mchid: string, notifyUrl: string, attempt: AttemptParameters): string {
  return JSON.stringify({
    appid: attempt.appid,
    mchid,
    description: attempt.description,
    out_trade_no: attempt.outTradeNo,
    time_expire: `${beijingClock(attempt.expiresAt)}+08:00`,
    ...(attempt.attach === null ? {} : { attach: attempt.attach }),
    notify_url: notifyUrl,
    amount: { total: attempt.amountFen, currency: 'CNY' },
    ...payerOf(attempt),
    ...sceneOf(attempt),
    ...saleFields(attempt.sale),
  });
}

function payerOf({ product, openid, identity }: AttemptParameters): object {
  if (needsOpenid(product)) return { payer: { openid: given(openid, 'openid') } };
  if (identity === null) return {};
  const { type, number, name } = identity;
  return { payer: { identity: { type, number, name } } };
}

/** WeChat Pay takes none without the payer's address. */
function sceneOf({ product, clientIp, h5Type, sceneInfo }: AttemptParameters): object {
  if (product !== 'h5' && clientIp === null) return {};
  const { deviceId, storeInfo, h5Info } = sceneInfo ?? {};
  return {
    scene_info: {
      payer_client_ip: given(clientIp, 'client IP'),
      device_id: deviceId,
      store_info: storeInfo && {
        id: storeInfo.id,
        name: storeInfo.name,
        area_code: storeInfo.areaCode,
        address: storeInfo.address,
      },
      ...(product === 'h5' ? { h5_info: h5InfoOf(given(h5Type, 'h5 type'), h5Info) } : {}),
    },
  };
}

const h5InfoOf = (type: H5Type, app: SceneInfo['h5Info']) => ({
  type,
  app_name: app?.appName,
  app_url: app?.appUrl,
  bundle_id: app?.bundleId,
  package_name: app?.packageName,
});

/** What a product needs is checked where the order comes in; here its absence is a bug. */
function given<T extends string>(value: T | null, name: string): T {
  if (value === null) throw new Error(`a prepay of this product needs the ${name}`);
  return value;
}

const prepayId = z.object({ prepay_id: token(128) }).transform((body) => ({ prepayId: body.prepay_id }));
/** Far more than WeChat Pay hands out, and still a code that any phone reads. */
const codeUrl = z
  .object({ code_url: token(512).regex(/^weixin:\/\//) })
  .transform((body) => ({ codeUrl: body.code_url }));
const h5Url = z.object({ h5_url: token(1024).refine(isSafeUrl) }).transform((body) => ({ h5Url: body.h5_url }));

type Prepay = { readonly path: string; readonly codes: z.ZodType<Partial<PrepayCodes>> };

const PREPAYS: Readonly<Record<PrepayProduct, Prepay>> = {
  native: { path: '/v3/pay/transactions/native', codes: codeUrl },
  jsapi: { path: '/v3/pay/transactions/jsapi', codes: prepayId },
  miniProgram: { path: '/v3/pay/transactions/jsapi', codes: prepayId },
  app: { path: '/v3/pay/transactions/app', codes: prepayId },
  h5: { path: '/v3/pay/transactions/h5', codes: h5Url },
};

const storedBody = z.object({ mchid: z.string() });

export async function callPrepay(
  deps: ExchangeDeps,
  { product, body, serial }: PrepayRequest,
  bounds: Bounded,
): Promise<PrepayAnswer> {
  // Stored while the merchant spoke API v2.
  if (!storedBody.safeParse(parseJson(body)).success) throw prepayOfAnotherProtocol();
  const { path, codes: handedOut } = PREPAYS[product];
  const answer = await exchange(deps, { api: 'prepay', method: 'POST', path, body, serial }, bounds);
  if (answer.kind === 'definitive') return { kind: answer.meaning, refusal: answer.refusal };
  const codes = answer.status === 200 ? handedOut.safeParse(parseJson(answer.body)).data : undefined;
  if (codes === undefined) throw unreadable(answer.status);
  return { kind: 'opened', codes: { codeUrl: null, prepayId: null, h5Url: null, ...codes } };
}

type Asked = { readonly outTradeNo: OutTradeNo };

export async function callQuery(deps: ExchangeDeps, { outTradeNo }: Asked, bounds: Bounded): Promise<QueryAnswer> {
  const path = `${tradePath(outTradeNo)}?mchid=${deps.mchid}`;
  const answer = await exchange(deps, { api: 'query', method: 'GET', path }, bounds);
  if (answer.kind === 'definitive') return { kind: answer.meaning };
  const trade =
    answer.status === 200 ? readTrade(parseJson(answer.body), { mchid: deps.mchid, outTradeNo }) : undefined;
  if (trade === undefined) {
    deps.log.warn({ mchid: deps.mchid, outTradeNo }, 'a query was answered with something that is not this trade');
    throw unreadable(answer.status);
  }
  return trade;
}

export async function callClose(deps: ExchangeDeps, { outTradeNo }: Asked, bounds: Bounded): Promise<CloseAnswer> {
  const path = `${tradePath(outTradeNo)}/close`;
  const body = JSON.stringify({ mchid: deps.mchid });
  const answer = await exchange(deps, { api: 'close', method: 'POST', path, body }, bounds);
  if (answer.kind === 'definitive') {
    return answer.meaning === 'refused' ? { kind: 'refused', refusal: answer.refusal } : { kind: answer.meaning };
  }
  // 202 is "accepted, not finished: repeat".
  if (answer.status === 202) throw unreadable(answer.status);
  return { kind: 'accepted' };
}

const tradePath = (outTradeNo: OutTradeNo): string => `/v3/pay/transactions/out-trade-no/${pathSegment(outTradeNo)}`;

const anyTrade = z.object({ mchid: z.string(), out_trade_no: z.string(), trade_state: z.string() });

/** Flat, and cleaned afterwards: a transformation of each field costs more than all that is read. */
const paidTransaction = z.object({
  mchid: token(32),
  appid: z.string(),
  out_trade_no: token(32),
  transaction_id: token(32),
  trade_type: z.unknown().optional(),
  amount: z.object({ total: z.number(), currency: z.string().nullish() }),
});

/** A notify's own time decides nothing. */
type NotifiedTrade = Omit<PaidTrade, 'successAtMs'>;

/** What decides about a paid trade: in a query's answer and, decrypted, in a payment notify. `undefined`: it is none. */
export function readPaid(value: unknown): { readonly outTradeNo: string; readonly trade: NotifiedTrade } | undefined {
  const paid = paidTransaction.safeParse(value).data;
  if (paid === undefined) return undefined;
  const total = parseFen(paid.amount.total);
  if (!total.ok) return undefined;
  const { currency } = paid.amount;
  const trade = {
    transactionId: paid.transaction_id,
    mchid: paid.mchid,
    appid: cleaned(paid.appid, 64),
    /** Decides for JSAPI only. */
    tradeType: textOrNull(paid.trade_type, 32) ?? '',
    totalFen: total.value,
    /** An absent currency means CNY. */
    currency: typeof currency === 'string' ? cleaned(currency, 16) : 'CNY',
  };
  return { outTradeNo: paid.out_trade_no, trade };
}

/** `undefined`: not about the trade that was asked for. */
function readTrade(body: unknown, asked: { mchid: string; outTradeNo: string }): QueryAnswer | undefined {
  const trade = anyTrade.safeParse(body).data;
  if (trade === undefined || trade.mchid !== asked.mchid || trade.out_trade_no !== asked.outTradeNo) return undefined;
  const state = tradeStateOf(trade.trade_state);
  return state.kind === 'paid' || state.kind === 'refunded' ? paid(state.kind, body) : state;
}

function paid(kind: 'paid' | 'refunded', body: unknown): QueryAnswer | undefined {
  const transaction = readPaid(body);
  if (transaction === undefined) return undefined;
  const { payment, successAtMs } = paymentFacts(body);
  return { kind, trade: { ...transaction.trade, successAtMs }, payment };
}

/** More than one payment is known to use; what is beyond is counted. */
const MAX_COUPONS = 20;

const coupon = z
  .object({
    coupon_id: maybeText(32),
    name: maybeText(64),
    scope: maybeText(32),
    type: maybeText(32),
    amount: maybeFen,
  })
  .transform(({ coupon_id: couponId, amount: amountFen, ...words }): Coupon => ({ couponId, ...words, amountFen }));

/** What does not decide about a payment: each field stands for itself, and none of them can hide the money. */
const saidOfPayment = z.object({
  trade_type: maybeText(32),
  success_time: maybeTime,
  bank_type: maybeText(32),
  payer: z
    .object({ openid: maybeText(128) })
    .optional()
    .catch(undefined),
  amount: z.object({ total: maybeFen, payer_total: maybeFen, payer_currency: maybeText(16) }),
  promotion_detail: z
    .array(z.unknown())
    .optional()
    .catch(undefined)
    .transform((list = []) => {
      const coupons = list.slice(0, MAX_COUPONS).flatMap((it) => coupon.safeParse(it).data ?? []);
      return { coupons, couponsLeftOut: list.length - coupons.length };
    }),
});

/** Of a trade whose deciding fields have been read. */
function paymentFacts(body: unknown): { readonly payment: PaymentFacts; readonly successAtMs: number | null } {
  const said = saidOfPayment.parse(body);
  const openid = said.payer?.openid ?? null;
  const { bank_type: bankType, trade_type: tradeType, promotion_detail: used } = said;
  const payerCurrency = said.amount.payer_currency ?? 'CNY';
  // Without coupons the payer pays the total; what that is in another currency only WeChat Pay can say.
  const payerAmount = said.amount.payer_total ?? (payerCurrency === 'CNY' ? said.amount.total : null);
  const payer = openid === null && bankType === null ? null : { openid, bankType };
  return { payment: { payer, tradeType, payerCurrency, payerAmount, ...used }, successAtMs: said.success_time };
}
