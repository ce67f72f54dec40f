import { z } from 'zod';
import type { Gateway } from '../../gateway.js';
import { outTradeNoPattern } from '../../trade/number.js';
import { closedTrade } from '../../trade/trade.js';
import { errors, noContent, type Answer } from './answer.js';
import type { Call, Operation } from './operation.js';
import { parseBody } from './parse.js';

export function closeOperation(gateway: Gateway): Operation {
  return {
    api: 'close',
    method: 'POST',
    path: '/v3/pay/transactions/out-trade-no/:id/close',
    outTradeNo: (call) => call.pathParameter,
    run: (call) => close(gateway, call),
  };
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
  if (trade.state === 'NOTPAY') store.write(trades.put(closedTrade(trade)));
  return noContent();
}
