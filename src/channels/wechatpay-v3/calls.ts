import { z } from 'zod';
import type { CloseAnswer, PrepayAnswer, PrepayCodes, QueryAnswer } from '../../domain/gateway-answer.js';
import type { OutTradeNo } from '../../base/ids.js';
import type { Product } from '../../domain/product.js';
import type { Bounded } from './deadline.js';
import { parseJson } from '../../base/parse-json.js';
import { isSafeUrl } from '../safe-url.js';
import { exchange, type ExchangeDeps, type V3Call } from './exchange.js';
import { pathSegment } from './path-segment.js';
import { token } from './text.js';
import { readTrade } from './transaction.js';
import { unreadable } from './unreadable.js';

export type CallDeps = ExchangeDeps & Pick<V3Call<'query'>, 'isAuthentic'>;

const PREPAY_PATHS: Readonly<Record<Product, string>> = {
  native: '/v3/pay/transactions/native',
  jsapi: '/v3/pay/transactions/jsapi',
  miniProgram: '/v3/pay/transactions/jsapi',
  app: '/v3/pay/transactions/app',
  h5: '/v3/pay/transactions/h5',
};

/** Far more than WeChat Pay hands out, and still a code that any phone reads. */
const codeUrl = token(512).regex(/^weixin:\/\//);

const prepayAnswers: Readonly<Record<Product, z.ZodType<Partial<PrepayCodes>>>> = {
  native: z.object({ code_url: codeUrl }).transform((body) => ({ codeUrl: body.code_url })),
  jsapi: prepayIdAnswer(),
  miniProgram: prepayIdAnswer(),
  app: prepayIdAnswer(),
  h5: z.object({ h5_url: token(1024).refine(isSafeUrl) }).transform((body) => ({ h5Url: body.h5_url })),
};

export async function callPrepay(
  deps: CallDeps,
  request: { product: Product; body: string },
  bounds: Bounded,
): Promise<PrepayAnswer> {
  const path = PREPAY_PATHS[request.product];
  const call = { api: 'prepay', method: 'POST', path, body: request.body, isAuthentic: deps.isAuthentic } as const;
  const answer = await exchange(deps, call, bounds);
  if (answer.kind === 'told') return { kind: answer.meaning, refusal: answer.refusal };
  const codes =
    answer.status === 200 ? prepayAnswers[request.product].safeParse(parseJson(answer.body)).data : undefined;
  if (codes === undefined) throw unreadable(answer.status);
  return { kind: 'opened', codes: { codeUrl: null, prepayId: null, h5Url: null, ...codes } };
}

export async function callQuery(deps: CallDeps, outTradeNo: OutTradeNo, bounds: Bounded): Promise<QueryAnswer> {
  const path = `${tradePath(outTradeNo)}?mchid=${deps.mchid}`;
  const call = { api: 'query', method: 'GET', path, isAuthentic: deps.isAuthentic } as const;
  const answer = await exchange(deps, call, bounds);
  if (answer.kind === 'told') return { kind: answer.meaning };
  const trade =
    answer.status === 200 ? readTrade(parseJson(answer.body), { mchid: deps.mchid, outTradeNo }) : undefined;
  if (trade === undefined) {
    deps.log.warn({ mchid: deps.mchid, outTradeNo }, 'a query was answered with something that is not this trade');
    throw unreadable(answer.status);
  }
  return trade;
}

export async function callClose(deps: CallDeps, outTradeNo: OutTradeNo, bounds: Bounded): Promise<CloseAnswer> {
  const path = `${tradePath(outTradeNo)}/close`;
  const body = JSON.stringify({ mchid: deps.mchid });
  const call = { api: 'close', method: 'POST', path, body, isAuthentic: deps.isAuthentic } as const;
  const answer = await exchange(deps, call, bounds);
  if (answer.kind === 'told') {
    return answer.meaning === 'refused' ? { kind: 'refused', refusal: answer.refusal } : { kind: answer.meaning };
  }
  // 202 is "accepted, not finished: repeat".
  if (answer.status === 202) throw unreadable(answer.status);
  return { kind: 'accepted' };
}

function tradePath(outTradeNo: OutTradeNo): string {
  return `/v3/pay/transactions/out-trade-no/${pathSegment(outTradeNo)}`;
}

function prepayIdAnswer(): z.ZodType<Partial<PrepayCodes>> {
  return z.object({ prepay_id: token(128) }).transform((body) => ({ prepayId: body.prepay_id }));
}
