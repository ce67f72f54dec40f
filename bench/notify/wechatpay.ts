import { randomBytes, type KeyObject } from 'node:crypto';
import { seal, signatureHeaders } from '../../src/sandbox/identity/sign.js';

/** WeChat Pay's side of one merchant: what seals and signs its notifies. */
export type WechatPay = {
  readonly mchid: string;
  readonly appid: string;
  readonly apiV3Key: string;
  readonly serialNo: string;
  readonly privateKey: KeyObject;
};

/** `headers` in lower case, as a server reads them. */
export type SealedNotify = { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> };

const TYPE = 'transaction';

/** A payment's notify with all the fields that WeChat Pay sends of one that used a coupon; each is a notify of its own. */
export async function paidNotify(
  { apiV3Key, privateKey, serialNo, ...merchant }: WechatPay,
  trade: { readonly outTradeNo: string; readonly totalFen: number },
): Promise<SealedNotify> {
  const at = '2026-03-10T10:34:56+08:00';
  const body = JSON.stringify({
    id: randomBytes(16).toString('hex'),
    create_time: at,
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: TYPE, ...seal(JSON.stringify(transaction(merchant, trade, at)), TYPE, apiV3Key) },
  });
  const signed = await signatureHeaders({ serialNo, privateKey }, body, Date.now());
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, value] of signed) headers[name.toLowerCase()] = value;
  return { body: Buffer.from(body), headers };
}

const transaction = (
  { mchid, appid }: Pick<WechatPay, 'mchid' | 'appid'>,
  { outTradeNo, totalFen }: { readonly outTradeNo: string; readonly totalFen: number },
  at: string,
) => ({
  appid,
  mchid,
  out_trade_no: outTradeNo,
  transaction_id: `4200${randomBytes(12).toString('hex')}`,
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'CMB_DEBIT',
  attach: 'shop=17;till=3',
  success_time: at,
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: totalFen, payer_total: totalFen - 1, currency: 'CNY', payer_currency: 'CNY' },
  promotion_detail: [
    {
      coupon_id: '109519',
      name: '单品惠-6',
      scope: 'SINGLE',
      type: 'CASH',
      amount: 1,
      stock_id: '931386',
      wechatpay_contribute: 0,
      merchant_contribute: 0,
      other_contribute: 1,
      currency: 'CNY',
    },
  ],
});
