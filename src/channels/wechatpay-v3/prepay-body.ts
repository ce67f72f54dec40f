import { beijingClock } from '../../base/time.js';
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
    time_expire: `${beijingClock(attempt.expiresAt)}+08:00`,
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
