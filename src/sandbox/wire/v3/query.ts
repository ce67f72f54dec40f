import type { Gateway } from '../../gateway.js';
import { outTradeNoPattern } from '../../trade/number.js';
import { staleTrade, type Trade } from '../../trade/trade.js';
import { transactionOf } from '../../trade/transaction.js';
import { errors, parameterError, success, type Answer } from './answer.js';
import type { Bend, Call, Operation } from './operation.js';

export const queryOperations = (gateway: Gateway): Operation[] => [
  queryByOutTradeNo(gateway),
  queryByTransactionId(gateway),
];

function queryByOutTradeNo({ trades }: Gateway): Operation {
  return {
    api: 'query',
    method: 'GET',
    path: '/v3/pay/transactions/out-trade-no/:id',
    outTradeNo: (call) => call.pathParameter,
    run(call, bend) {
      if (!outTradeNoPattern.test(call.pathParameter)) return errors.badOutTradeNo(call.pathParameter);
      return answer(call, trades.find(call.merchant.row.mchid, call.pathParameter), bend);
    },
  };
}

/** Finds paid trades only: an unpaid one has no transaction id. */
function queryByTransactionId({ trades }: Gateway): Operation {
  const find = (call: Call) => trades.findByTransactionId(call.merchant.row.mchid, call.pathParameter);
  return {
    api: 'query',
    method: 'GET',
    path: '/v3/pay/transactions/id/:id',
    outTradeNo: (call) => find(call)?.outTradeNo,
    run(call, bend) {
      const trade = find(call);
      // A replica that missed the payment knows no such id.
      const wasUnpaid = bend.stale && trade && !staleTrade(trade)?.payment;
      return answer(call, wasUnpaid ? undefined : trade, bend);
    },
  };
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
