import type { Brand } from './brand.js';
import { err, ok, type Result } from './result.js';

/** The merchant's number at WeChat Pay (商户号). */
export type Mchid = Brand<string, 'Mchid'>;
/** The shop's own number for what it sells; unique per mchid. */
export type OrderNo = Brand<string, 'OrderNo'>;
/** One attempt at WeChat Pay; only its row tells which order it belongs to. */
export type OutTradeNo = Brand<string, 'OutTradeNo'>;

/** One refund at WeChat Pay, for life: the shop's own refundNo, or PaySaga's, see {@link returnNoOf}. Unique per mchid. */
export type OutRefundNo = Brand<string, 'OutRefundNo'>;

export const MAX_ATTEMPTS = 20;

export const ORDER_NO_PATTERN = '^[0-9A-Za-z_-]{6,32}$';

/** Characters, at WeChat Pay. */
export const MAX_OUT_TRADE_NO = 32;

const parserOf =
  <Id extends string, E extends string>(pattern: RegExp, error: E) =>
  (value: string): Result<Id, E> =>
    pattern.test(value) ? ok(value as Id) : err(error);

export const parseMchid = parserOf<Mchid, 'invalid_mchid'>(/^[0-9]{6,32}$/, 'invalid_mchid');

export const parseOrderNo = parserOf<OrderNo, 'invalid_order_no'>(new RegExp(ORDER_NO_PATTERN), 'invalid_order_no');

/** Only numbers that PaySaga makes: an orderNo, or one (or a digest of one, behind a `*`) followed by `*2` … `*20`. */
export function parseOutTradeNo(value: string): Result<OutTradeNo, 'invalid_out_trade_no'> {
  const isKnown = parseOrderNo(value).ok || (value.length <= MAX_OUT_TRADE_NO && LATER_NUMBER.test(value));
  return isKnown ? ok(value as OutTradeNo) : err('invalid_out_trade_no');
}

const LATER_NUMBER = /^([0-9A-Za-z_-]{6,30}|\*[0-9A-Za-z_-]{28})\*([2-9]|1[0-9]|20)$/;

export const firstOutTradeNo = (orderNo: OrderNo): OutTradeNo => orderNo as string as OutTradeNo;

/** The key of an attempt that PaySaga opened by itself; no shop's key holds a `*`. */
export const keyAfter = (outTradeNo: OutTradeNo): string => `after*${outTradeNo}`;

export const isKeyAfter = (attemptKey: string | null): boolean => attemptKey?.startsWith('after*') ?? false;

export const orderWorkflowId = (mchid: Mchid, orderNo: OrderNo): string => `order/${mchid}/${orderNo}`;

/** `undefined` for any other workflow's id. */
export function parseOrderWorkflowId(workflowId: string): { mchid: Mchid; orderNo: OrderNo } | undefined {
  const [kind, mchidText = '', orderNoText = '', ...rest] = workflowId.split('/');
  const mchid = parseMchid(mchidText);
  const orderNo = parseOrderNo(orderNoText);
  if (kind !== 'order' || rest.length > 0 || !mchid.ok || !orderNo.ok) return undefined;
  return { mchid: mchid.value, orderNo: orderNo.value };
}

/** A number the shop chose: never one of PaySaga's, which hold an `@`. */
export const parseRefundNo = parserOf<OutRefundNo, 'invalid_refund_no'>(/^[0-9A-Za-z_-]{1,64}$/, 'invalid_refund_no');

/** Any number a refund can have at WeChat Pay, whoever made it. */
export const OUT_REFUND_NO_PATTERN = '^[0-9A-Za-z_\\-|*@]{1,64}$';

export const parseOutRefundNo = parserOf<OutRefundNo, 'invalid_out_refund_no'>(
  new RegExp(OUT_REFUND_NO_PATTERN),
  'invalid_out_refund_no',
);

/** PaySaga's own refund of one payment: one number whatever the cause. Its `n`th successor adds `*n`, from 2. */
export function returnNoOf(outTradeNo: OutTradeNo, n = 1): OutRefundNo {
  return `${outTradeNo}@return${n === 1 ? '' : `*${n}`}` as OutRefundNo;
}

/** The number that takes the place of a refund of PaySaga's own which came to nothing. */
export function successorOf(outRefundNo: OutRefundNo): OutRefundNo {
  const [outTradeNo = '', suffix = ''] = outRefundNo.split('@');
  return returnNoOf(outTradeNo as OutTradeNo, Number(suffix.split('*')[1] ?? '1') + 1);
}

export const refundWorkflowId = (mchid: Mchid, outRefundNo: OutRefundNo): string => `refund/${mchid}/${outRefundNo}`;

export const eventWorkflowId = (eventId: string): string => `event/${eventId}`;

export const reconciliationWorkflowId = (mchid: Mchid, date: string): string => `reconciliation/${mchid}/${date}`;

export const bulkWorkflowId = (bulkId: string): string => `bulk/${bulkId}`;
