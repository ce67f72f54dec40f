import type { AttemptParameters } from '../../domain/order/record.js';
import { needsOpenid } from '../../domain/product.js';

/**
 * The body of a prepay as text, always in this order of keys. Absent fields are left out: WeChat Pay takes `null` as a value.
 * `time_expire` is the order's own absolute deadline, so the same attempt always gives the same text.
 */
export function prepayBody(mchid: string, notifyUrl: string, attempt: AttemptParameters): string {
  return JSON.stringify({
    appid: attempt.appid,
    mchid,
    description: attempt.description,
    out_trade_no: attempt.outTradeNo,
    time_expire: beijingTime(attempt.expiresAt),
    ...(attempt.attach === null ? {} : { attach: attempt.attach }),
    notify_url: notifyUrl,
    amount: { total: attempt.amountFen, currency: 'CNY' },
    ...(needsOpenid(attempt.product) ? { payer: { openid: given(attempt.openid, 'openid') } } : {}),
    ...(attempt.product === 'h5' ? { scene_info: h5Scene(attempt) } : {}),
  });
}

function h5Scene(attempt: AttemptParameters): object {
  return {
    payer_client_ip: given(attempt.clientIp, 'client IP'),
    h5_info: { type: given(attempt.h5Type, 'h5 type') },
  };
}

/** What a product needs is checked where the order comes in; here its absence is a bug. */
function given(value: string | null, name: string): string {
  if (value === null) throw new Error(`a prepay of this product needs the ${name}`);
  return value;
}

const BEIJING_OFFSET_MS = 8 * 3_600_000;

/** RFC 3339 in Beijing time, whole seconds: `2026-11-22T10:34:56+08:00`. */
function beijingTime(at: Date): string {
  return `${new Date(at.getTime() + BEIJING_OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
