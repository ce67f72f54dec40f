import { z } from 'zod';
import type { OutTradeNo } from '../../base/ids.js';
import { parseJson } from '../../base/parse-json.js';
import { beijingClock } from '../../base/time.js';
import type { CloseAnswer, PrepayAnswer, PrepayCodes, QueryAnswer } from '../../orders/rules/gateway-answer.js';
import type { AttemptParameters } from '../../orders/rules/record.js';
import { needsOpenid, type Product } from '../../orders/rules/product.js';
import { isSafeUrl } from '../safe-url.js';
import { exchange, unreadable, type Bounded, type ExchangeDeps } from './exchange.js';
import { token } from './fields.js';
import { readTrade } from './trade.js';
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
    ...(needsOpenid(attempt.product) ? { payer: { openid: given(attempt.openid, 'openid') } } : {}),
    ...(attempt.product === 'h5' ? { scene_info: h5Scene(attempt) } : {}),
  });
}

const h5Scene = (attempt: AttemptParameters) => ({
  payer_client_ip: given(attempt.clientIp, 'client IP'),
  h5_info: { type: given(attempt.h5Type, 'h5 type') },
});

/** What a product needs is checked where the order comes in; here its absence is a bug. */
function given(value: string | null, name: string): string {
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

const PREPAYS: Readonly<Record<Product, Prepay>> = {
  native: { path: '/v3/pay/transactions/native', codes: codeUrl },
  jsapi: { path: '/v3/pay/transactions/jsapi', codes: prepayId },
  miniProgram: { path: '/v3/pay/transactions/jsapi', codes: prepayId },
  app: { path: '/v3/pay/transactions/app', codes: prepayId },
  h5: { path: '/v3/pay/transactions/h5', codes: h5Url },
};

export async function callPrepay(
  deps: ExchangeDeps,
  request: { product: Product; body: string },
  bounds: Bounded,
): Promise<PrepayAnswer> {
  const { path, codes: handedOut } = PREPAYS[request.product];
  const answer = await exchange(deps, { api: 'prepay', method: 'POST', path, body: request.body }, bounds);
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
