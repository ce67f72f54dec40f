import { plainText } from '../../base/text.js';
import type { OutTradeNo } from '../../base/ids.js';
import type { ChargeAnswer, CloseAnswer } from '../../orders/rules/gateway-answer.js';
import { unreadable, type Bounded } from '../flow/call.js';
import { GatewayError, type Charge, type ChargeRequest } from '../port.js';
import { exchange, type ExchangeDeps } from './exchange.js';
import { saleFields } from './sale.js';
import type { Fields } from './xml.js';

export async function callCharge(deps: ExchangeDeps, { claim }: ChargeRequest, bounds: Bounded): Promise<ChargeAnswer> {
  const charged = { outTradeNo: '' };
  const fields = async (): Promise<Fields> => {
    const charge = await claim();
    charged.outTradeNo = charge.outTradeNo;
    return chargeFields(charge);
  };
  const answer = await exchange(deps, { api: 'charge', path: '/pay/micropay', fields }, bounds);
  if (answer.kind === 'definitive') {
    const { meaning, refusal } = answer;
    return meaning === 'paying' ? { kind: meaning } : { kind: meaning, refusal };
  }
  if (answer.fields['out_trade_no'] !== charged.outTradeNo) throw unreadable(200);
  return { kind: 'paid' };
}

/** Neither a notify nor an end: only a reverse ends it. */
const chargeFields = (charge: Charge): Fields => ({
  appid: charge.appid,
  body: plainText(charge.description),
  ...(charge.attach === null ? {} : { attach: plainText(charge.attach) }),
  out_trade_no: charge.outTradeNo,
  total_fee: String(charge.amountFen),
  fee_type: 'CNY',
  ...(charge.till.device.id === undefined ? {} : { device_info: charge.till.device.id }),
  spbill_create_ip: charge.till.device.ip,
  auth_code: charge.authCode,
  scene_info: sceneInfo(charge.till),
  ...saleFields(charge.sale),
});

/** API v2 knows a store by the merchant's own number. */
const sceneInfo = ({ store }: Charge['till']): string =>
  JSON.stringify({ store_info: { id: 'id' in store ? store.id : store.outId } });

export async function callReverse(
  deps: ExchangeDeps,
  { outTradeNo, appid }: { outTradeNo: OutTradeNo; appid: string },
  bounds: Bounded,
): Promise<CloseAnswer> {
  const fields = { appid, out_trade_no: outTradeNo };
  const answer = await exchange(deps, { api: 'reverse', path: '/secapi/pay/reverse', fields }, bounds);
  if (answer.kind === 'definitive')
    return answer.meaning === 'refused' ? { kind: 'refused', refusal: answer.refusal } : { kind: answer.meaning };
  // "Call again": what became of it is as open as after a timeout.
  if (answer.fields['recall'] === 'Y') throw new GatewayError('unknown', { gatewayCode: 'RECALL' });
  return { kind: 'accepted' };
}
