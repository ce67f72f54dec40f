import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import { outTradeNoPattern } from '../../trade/number.js';
import { closedTrade, staleTrade, type Trade } from '../../trade/trade.js';
import { transactionOf } from '../../trade/transaction.js';
import type { Bend } from '../strike.js';
import { parseBody } from './body.js';
import { errors, noContent, parameterError, success, type Answer, type Call, type Operation } from './call.js';

/** The calls about a trade that is there: the queries and the close. */
export function tradeOperations(gateway: Gateway): Operation[] {
  const { trades } = gateway;
  const byTransactionId = (call: Call) => trades.findByTransactionId(call.merchant.row.mchid, call.pathParameter);
  const byOutTradeNo = '/v3/pay/transactions/out-trade-no/:id';
  return [
    {
      api: 'query',
      method: 'GET',
      path: byOutTradeNo,
      outTradeNo: (call) => call.pathParameter,
      run(call, bend) {
        if (!outTradeNoPattern.test(call.pathParameter)) return errors.badOutTradeNo(call.pathParameter);
        return answer(call, trades.find(call.merchant.row.mchid, call.pathParameter), bend);
      },
    },
    {
      api: 'query',
      method: 'GET',
      path: '/v3/pay/transactions/id/:id',
      outTradeNo: (call) => byTransactionId(call)?.outTradeNo,
      run(call, bend) {
        const trade = byTransactionId(call);
        // A replica that missed the payment knows no such id.
        const wasUnpaid = bend.stale && trade && !staleTrade(trade)?.payment;
        return answer(call, wasUnpaid ? undefined : trade, bend);
      },
    },
    {
      api: 'close',
      method: 'POST',
      path: `${byOutTradeNo}/close`,
      outTradeNo: (call) => call.pathParameter,
      run: (call) => close(gateway, call),
    },
  ];
}

function answer(call: Call, trade: Trade | undefined, bend: Bend): Answer {
  const mchid = call.query.get('mchid');
  if (mchid === null || mchid === '') {
    return parameterError('缺少参数mchid', { field: 'mchid', issue: 'required', location: 'query' });
  }
  if (mchid !== call.merchant.row.mchid) return errors.mchidDiffersFromHeader(mchid, 'query');
  const seen = trade && bend.stale ? staleTrade(trade) : trade;
  if (!seen) return errors.orderNotExist();
  return success(transactionOf(seen, bend.shownTotalFen?.(seen.payment?.totalFen ?? seen.totalFen)));
}

const bodySchema = z.strictObject({ mchid: z.string().min(1).max(32) });

function close({ store, trades }: Gateway, call: Call): Answer {
  if (!outTradeNoPattern.test(call.pathParameter)) return errors.badOutTradeNo(call.pathParameter);
  const parsed = parseBody(call.body, bodySchema);
  if (!parsed.ok) return parsed.answer;
  const { mchid } = call.merchant.row;
  if (parsed.value.mchid !== mchid) return errors.mchidDiffersFromHeader(parsed.value.mchid, 'body');
  const trade = trades.find(mchid, call.pathParameter);
  if (!trade) return errors.orderNotExist();
  if (trade.payment) return errors.orderPaid();
  if (trade.tradeType === 'MICROPAY') return errors.onlyReverse();
  if (trade.state === 'NOTPAY') store.write(trades.put(closedTrade(trade)));
  return noContent();
}
