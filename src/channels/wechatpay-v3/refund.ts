import type { QueriedRefund, RefundAnswer } from '../../domain/gateway-answer.js';
import type { OutRefundNo } from '../../base/ids.js';
import type { RefundRequest } from '../port.js';
import type { CallDeps } from './calls.js';
import type { Bounded } from './deadline.js';
import { parseJson } from '../../base/parse-json.js';
import { exchange, type Exchanged } from './exchange.js';
import { pathSegment } from './path-segment.js';
import { refundBody } from './refund-body.js';
import { readRefund, type AskedRefund, type ReadRefund } from './refund-fact.js';
import { unreadable } from './unreadable.js';

const REFUNDS = '/v3/refund/domestic/refunds';

/** Repeatable: WeChat Pay refunds a number once, and answers the same request again with what became of it. */
export async function callRefund(
  deps: CallDeps,
  { notifyUrl, ...refund }: RefundRequest & { notifyUrl: string },
  bounds: Bounded,
): Promise<RefundAnswer> {
  const body = refundBody(notifyUrl, refund);
  const call = { api: 'refund', method: 'POST', path: REFUNDS, body, isAuthentic: deps.isAuthentic } as const;
  const answer = await exchange(deps, call, bounds);
  return refundAnswer(deps, answer, { outRefundNo: refund.outRefundNo, outTradeNo: refund.outTradeNo });
}

export async function callRefundQuery(
  deps: CallDeps,
  outRefundNo: OutRefundNo,
  bounds: Bounded,
): Promise<QueriedRefund> {
  const path = `${REFUNDS}/${pathSegment(outRefundNo)}`;
  const call = { api: 'refundQuery', method: 'GET', path, isAuthentic: deps.isAuthentic } as const;
  const answer = await exchange(deps, call, bounds);
  return answer.kind === 'told' ? { kind: answer.meaning } : readProven(deps, answer, { outRefundNo });
}

export async function callAbnormalRefund(
  deps: CallDeps,
  asked: { refundId: string; outRefundNo: OutRefundNo },
  bounds: Bounded,
): Promise<RefundAnswer> {
  const path = `${REFUNDS}/${pathSegment(asked.refundId)}/apply-abnormal-refund`;
  const body = JSON.stringify({ out_refund_no: asked.outRefundNo, type: 'MERCHANT_BANK_CARD' });
  const call = { api: 'abnormalRefund', method: 'POST', path, body, isAuthentic: deps.isAuthentic } as const;
  return refundAnswer(deps, await exchange(deps, call, bounds), asked);
}

function refundAnswer(
  deps: CallDeps,
  answer: Exchanged<'refund' | 'abnormalRefund'>,
  asked: AskedRefund,
): RefundAnswer {
  if (answer.kind === 'told') {
    return { kind: answer.meaning, refusal: answer.refusal };
  }
  const read = readProven(deps, answer, asked);
  if (read.kind === 'found') return { kind: 'accepted', refund: read.refund, details: read.details };
  deps.log.warn({ mchid: deps.mchid, outRefundNo: asked.outRefundNo, status: read.status }, 'refund of unknown status');
  throw unreadable(answer.status);
}

/** 202 is "accepted, not finished: repeat". */
function readProven(deps: CallDeps, answer: { status: number; body: Buffer }, asked: AskedRefund): ReadRefund {
  const read = answer.status === 200 ? readRefund(parseJson(answer.body), asked) : undefined;
  if (read !== undefined) return read;
  const { mchid, log } = deps;
  log.warn(
    { mchid, outRefundNo: asked.outRefundNo, status: answer.status },
    'a refund call was answered with something that is not this refund',
  );
  throw unreadable(answer.status);
}
