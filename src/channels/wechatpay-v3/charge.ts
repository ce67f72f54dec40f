import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import type { OutTradeNo } from '../../base/ids.js';
import type { ChargeAnswer, CloseAnswer } from '../../orders/rules/gateway-answer.js';
import { unreadable, type Bounded } from '../flow/call.js';
import type { Charge, ChargeRequest } from '../port.js';
import { exchange, type ExchangeDeps } from './exchange.js';
import { saleFields } from './sale.js';
import { pathSegment } from './transport.js';

export async function callCharge(deps: ExchangeDeps, { claim }: ChargeRequest, bounds: Bounded): Promise<ChargeAnswer> {
  const charged = { outTradeNo: '' };
  const body = async (): Promise<string> => {
    const charge = await claim();
    charged.outTradeNo = charge.outTradeNo;
    return chargeBody(deps.mchid, charge);
  };
  const path = '/v3/pay/transactions/codepay';
  const answer = await exchange(deps, { api: 'charge', method: 'POST', path, body }, bounds);
  if (answer.kind === 'definitive') {
    const { meaning, refusal } = answer;
    return meaning === 'paying' ? { kind: meaning } : { kind: meaning, refusal };
  }
  // Accepted, not finished: the payer is asked for the password.
  if (answer.status === 202) return { kind: 'paying' };
  const trade = chargedTrade.safeParse(parseJson(answer.body)).data;
  if (trade?.mchid !== deps.mchid || trade.out_trade_no !== charged.outTradeNo) throw unreadable(answer.status);
  if (trade.trade_state === 'SUCCESS') return { kind: 'paid' };
  if (['USERPAYING', 'NOTPAY'].includes(trade.trade_state.replaceAll('_', ''))) return { kind: 'paying' };
  throw unreadable(answer.status);
}

const chargedTrade = z.object({ mchid: z.string(), out_trade_no: z.string(), trade_state: z.string() });

/** No notify tells of a charge, and nothing but a reverse ends it: it has neither address nor end. */
function chargeBody(mchid: string, charge: Charge): string {
  const { device, store } = charge.till;
  return JSON.stringify({
    appid: charge.appid,
    mchid,
    description: charge.description,
    out_trade_no: charge.outTradeNo,
    ...(charge.attach === null ? {} : { attach: charge.attach }),
    payer: { auth_code: charge.authCode },
    amount: { total: charge.amountFen, currency: 'CNY' },
    scene_info: {
      ...(device.id === undefined ? {} : { device_id: device.id }),
      device_ip: device.ip,
      store_info: 'id' in store ? { id: store.id } : { out_id: store.outId },
    },
    ...saleFields(charge.sale),
  });
}

export async function callReverse(
  deps: ExchangeDeps,
  { outTradeNo, appid }: { outTradeNo: OutTradeNo; appid: string },
  bounds: Bounded,
): Promise<CloseAnswer> {
  const path = `/v3/pay/transactions/out-trade-no/${pathSegment(outTradeNo)}/reverse`;
  const body = JSON.stringify({ appid, mchid: deps.mchid });
  const answer = await exchange(deps, { api: 'reverse', method: 'POST', path, body }, bounds);
  if (answer.kind === 'definitive')
    return answer.meaning === 'refused' ? { kind: 'refused', refusal: answer.refusal } : { kind: answer.meaning };
  const said = reversed.safeParse(parseJson(answer.body)).data;
  if (answer.status !== 200 || said?.out_trade_no !== outTradeNo) throw unreadable(answer.status);
  return { kind: 'accepted' };
}

const reversed = z.object({ out_trade_no: z.string() });
