import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import { closedTrade, everPaid, staleTrade, type Trade } from '../../trade/trade.js';
import { queryFieldsOf } from '../../trade/transaction-v2.js';
import { outTradeNo, text } from '../fields.js';
import type { Bend } from '../strike.js';
import { refusal, success, type Answer, type Call, type Operation } from './call.js';
import { parseParameters } from './parameters.js';

/** The calls about an order that is there: the query and the close. */
export function orderOperations(gateway: Gateway): Operation[] {
  return [
    {
      api: 'query',
      path: '/pay/orderquery',
      outTradeNo: (call) => namedTrade(gateway, call)?.outTradeNo ?? call.fields.get('out_trade_no'),
      run: (call, bend) => query(gateway, call, bend),
    },
    {
      api: 'close',
      path: '/pay/closeorder',
      outTradeNo: ({ fields }) => fields.get('out_trade_no'),
      run: (call) => close(gateway, call),
    },
  ];
}

/** The trade of the transaction_id, which wins, or of the out_trade_no. */
export function namedTrade({ trades }: Gateway, { merchant, fields }: Call): Trade | undefined {
  const { mchid } = merchant.row;
  const transactionId = fields.get('transaction_id');
  if (transactionId !== undefined) return trades.findByTransactionId(mchid, transactionId);
  return trades.find(mchid, fields.get('out_trade_no') ?? '');
}

const queryBody = z
  .object({ transaction_id: text(32).optional(), out_trade_no: outTradeNo.optional() })
  .refine((body) => (body.transaction_id ?? body.out_trade_no) !== undefined, { path: ['out_trade_no'] });

function query(gateway: Gateway, call: Call, bend: Bend): Answer {
  const parsed = parseParameters(call, queryBody);
  if (!parsed.ok) return parsed.answer;
  const trade = namedTrade(gateway, call);
  const seen = trade && bend.stale ? staleTrade(trade) : trade;
  // A replica that missed the payment knows no such transaction_id.
  const isUnknown = parsed.value.transaction_id !== undefined && !(seen && everPaid(seen));
  if (!seen || isUnknown) return refusal('ORDERNOTEXIST', '订单不存在');
  return success(queryFieldsOf(seen, bend.shownTotalFen?.(seen.payment?.totalFen ?? seen.totalFen)));
}

const closableAfterMs = 5 * 60_000;

function close({ clock, store, trades }: Gateway, call: Call): Answer {
  const parsed = parseParameters(call, z.object({ out_trade_no: outTradeNo }));
  if (!parsed.ok) return parsed.answer;
  const trade = trades.find(call.merchant.row.mchid, parsed.value.out_trade_no);
  if (!trade) return refusal('ORDERNOTEXIST', '订单不存在');
  if (trade.payment) return refusal('ORDERPAID', '该订单已支付');
  if (trade.tradeType === 'MICROPAY') return refusal('INVALID_REQUEST', '付款码支付订单不支持关单，请调用撤销接口');
  if (trade.state === 'CLOSED') return refusal('ORDERCLOSED', '该订单已关闭');
  if (clock.now() < trade.createdAt + closableAfterMs) return refusal('INVALID_REQUEST', '订单生成后5分钟内不能关单');
  store.write(trades.put(closedTrade(trade)));
  return success({ result_msg: 'OK' });
}
