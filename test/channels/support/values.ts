import {
  parseMchid,
  parseOrderNo,
  parseOutRefundNo,
  parseOutTradeNo,
  type Mchid,
  type OrderNo,
  type OutRefundNo,
  type OutTradeNo,
} from '../../../src/base/ids.js';
import { parseFen, type Fen } from '../../../src/base/money.js';
import type { AttemptParameters } from '../../../src/orders/rules/record.js';
import type { Result } from '../../../src/base/result.js';
import type { RefundRequest } from '../../../src/channels/port.js';

export const mchid = (text: string): Mchid => sure(parseMchid(text));
export const orderNo = (text: string): OrderNo => sure(parseOrderNo(text));
export const outTradeNo = (text: string): OutTradeNo => sure(parseOutTradeNo(text));
export const outRefundNo = (text: string): OutRefundNo => sure(parseOutRefundNo(text));
export const fen = (value: number): Fen => sure(parseFen(value));

/** A Native attempt of ¥12.05 that ends in an hour; a test changes what it is about. */
export function attempt(changes: Partial<AttemptParameters> = {}): AttemptParameters {
  return {
    outTradeNo: outTradeNo('A-10001'),
    product: 'native',
    appid: 'wx8888888888888888',
    amountFen: fen(1_205),
    description: 'Pu-erh tea',
    attach: null,
    openid: null,
    clientIp: null,
    h5Type: null,
    sale: null,
    sceneInfo: null,
    identity: null,
    expiresAt: new Date(Date.now() + 3_600_000),
    prepayBody: null,
    ...changes,
  };
}

/** A refund of ¥4.05 of ¥12.05; a test changes what it is about. */
export function refundOf(changes: Partial<RefundRequest> = {}): RefundRequest {
  return {
    outTradeNo: outTradeNo('A-10001'),
    outRefundNo: outRefundNo('R-10001'),
    amountFen: fen(405),
    totalFen: fen(1_205),
    reason: null,
    source: null,
    ...changes,
  };
}

function sure<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`not a valid value: ${String(result.error)}`);
  return result.value;
}
