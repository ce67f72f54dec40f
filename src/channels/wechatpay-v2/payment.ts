import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import { plainText } from '../../base/text.js';
import { beijingClock, MINUTE } from '../../base/time.js';
import type { CloseAnswer, PrepayAnswer, PrepayCodes, QueryAnswer } from '../../orders/rules/gateway-answer.js';
import type { AttemptParameters } from '../../orders/rules/record.js';
import { needsOpenid, TRADE_TYPES, type PrepayProduct } from '../../orders/rules/product.js';
import { V2_CLOSE_AFTER_MS } from '../../orders/rules/schedules.js';
import type { OutTradeNo } from '../../base/ids.js';
import { token } from '../fields.js';
import { prepayOfAnotherProtocol, unreadable, type Bounded } from '../flow/call.js';
import type { CloseRequest } from '../port.js';
import { isSafeUrl } from '../safe-url.js';
import { exchange, exchangeByNumber, type ExchangeDeps } from './exchange.js';
import { saleFields, sceneText } from './sale.js';
import { readTrade } from './trade.js';

/** WeChat Pay wants an address with every prepay, and looks at it where the browser calls it: that is H5. */
const NO_ADDRESS = '127.0.0.1';

/** WeChat Pay refuses an end that is less than 5 minutes ahead, by its clock; PaySaga's own deadline stays. */
const SHORTEST_LIFE_MS = 6 * MINUTE;

/**
 * What is signed anew for each call: a text as the order gives it, whose parameters no later call of the same attempt changes.
 * Absent fields are left out.
 */
export function prepayBody(
  { mchid, notifyUrl, now }: { readonly mchid: string; readonly notifyUrl: string; readonly now: Date },
  attempt: AttemptParameters,
): string {
  const endsAtMs = Math.max(attempt.expiresAt.getTime(), now.getTime() + SHORTEST_LIFE_MS);
  return JSON.stringify({
    appid: attempt.appid,
    mch_id: mchid,
    body: plainText(attempt.description),
    ...(attempt.attach === null ? {} : { attach: plainText(attempt.attach) }),
    out_trade_no: attempt.outTradeNo,
    fee_type: 'CNY',
    total_fee: String(attempt.amountFen),
    spbill_create_ip:
      attempt.product === 'h5' ? given(attempt.clientIp, 'client IP') : (attempt.clientIp ?? NO_ADDRESS),
    time_expire: beijingClock(new Date(endsAtMs)).replaceAll(/\D/g, ''),
    notify_url: notifyUrl,
    trade_type: TRADE_TYPES[attempt.product],
    ...(attempt.product === 'native' ? { product_id: attempt.outTradeNo } : {}),
    ...(needsOpenid(attempt.product) ? { openid: given(attempt.openid, 'openid') } : {}),
    ...sceneFields(attempt),
    ...saleFields(attempt.sale),
  });
}

function sceneFields({ product, h5Type, sceneInfo }: AttemptParameters): object {
  const deviceId = sceneInfo?.deviceId;
  const scene = sceneText(sceneInfo, product === 'h5' ? given(h5Type, 'h5 type') : null);
  return {
    ...(deviceId === undefined ? {} : { device_info: deviceId }),
    ...(scene === undefined ? {} : { scene_info: scene }),
  };
}

/** What a product needs is checked where the order comes in; here its absence is a bug. */
function given<T extends string>(value: T | null, name: string): T {
  if (value === null) throw new Error(`a prepay of this product needs the ${name}`);
  return value;
}

const storedBody = z.record(z.string(), z.string());

const prepayId = z.object({ prepay_id: token(128) }).transform((said) => ({ prepayId: said.prepay_id }));
/** Far more than WeChat Pay hands out, and still a code that any phone reads. */
const codeUrl = z
  .object({ code_url: token(512).regex(/^weixin:\/\//) })
  .transform((said) => ({ codeUrl: said.code_url }));
const h5Url = z.object({ mweb_url: token(1024).refine(isSafeUrl) }).transform((said) => ({ h5Url: said.mweb_url }));

const CODES: Readonly<Record<PrepayProduct, z.ZodType<Partial<PrepayCodes>>>> = {
  native: codeUrl,
  jsapi: prepayId,
  miniProgram: prepayId,
  app: prepayId,
  h5: h5Url,
};

export async function callPrepay(
  deps: ExchangeDeps,
  { product, body }: { product: PrepayProduct; body: string },
  bounds: Bounded,
): Promise<PrepayAnswer> {
  const fields = storedBody.safeParse(parseJson(body)).data;
  // Stored while the merchant spoke API v3.
  if (fields === undefined) throw prepayOfAnotherProtocol();
  const answer = await exchange(deps, { api: 'prepay', path: '/pay/unifiedorder', fields }, bounds);
  if (answer.kind === 'definitive') return { kind: answer.meaning, refusal: answer.refusal };
  const codes = CODES[product].safeParse(answer.fields).data;
  if (codes === undefined) throw unreadable(200);
  return { kind: 'opened', codes: { codeUrl: null, prepayId: null, h5Url: null, ...codes } };
}

export async function callQuery(
  deps: ExchangeDeps,
  { outTradeNo }: { outTradeNo: OutTradeNo },
  bounds: Bounded,
): Promise<QueryAnswer> {
  const fields = { out_trade_no: outTradeNo };
  const answer = await exchangeByNumber(deps, { api: 'query', path: '/pay/orderquery', fields }, bounds);
  if (answer.kind === 'definitive') return { kind: answer.meaning };
  const trade = readTrade(answer.fields, { mchid: deps.mchid, outTradeNo });
  if (trade !== undefined) return trade;
  deps.log.warn({ mchid: deps.mchid, outTradeNo }, 'a query was answered with something that is not this trade');
  throw unreadable(200);
}

export async function callClose(
  deps: ExchangeDeps,
  { outTradeNo, openedAtMs }: CloseRequest,
  bounds: Bounded,
): Promise<CloseAnswer> {
  const notBeforeMs = (openedAtMs ?? -Infinity) + V2_CLOSE_AFTER_MS;
  if (deps.now().getTime() < notBeforeMs) return { kind: 'tooEarly', notBeforeMs };
  const fields = { out_trade_no: outTradeNo };
  const answer = await exchangeByNumber(deps, { api: 'close', path: '/pay/closeorder', fields }, bounds);
  if (answer.kind === 'success') return { kind: 'accepted' };
  const { meaning, refusal } = answer;
  return meaning === 'refused' ? { kind: 'refused', refusal } : { kind: meaning };
}
