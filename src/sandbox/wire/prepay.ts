import { appidsOf } from '../identity/rows.js';
import type { Clock } from '../store/clock.js';
import { prepay, type PrepayRequest } from '../trade/prepay.js';
import type { Trade, TradeType } from '../trade/trade.js';
import { errors, parameterError, success, type Answer } from './answer.js';
import type { Call, Ledger, Operation } from './call.js';
import { bodyField, canonical, parseBody } from './parse.js';
import { prepayBodies, type PrepayBody } from './prepay-body.js';

export function prepayOperation(ledger: Ledger, tradeType: TradeType): Operation {
  return {
    api: 'prepay',
    outTradeNo: (call) => bodyField(call.body, 'out_trade_no'),
    run: (call) => runPrepay(ledger, tradeType, call),
  };
}

function runPrepay(ledger: Ledger, tradeType: TradeType, call: Call): Answer {
  const { row } = call.merchant;
  const mchid = bodyField(call.body, 'mchid');
  if (mchid !== undefined && mchid !== row.mchid) return errors.mchidDiffersFromHeader(mchid, 'body');
  const parsed = parseBody<PrepayBody>(call.body, prepayBodies[tradeType]);
  if (!parsed.ok) return parsed.answer;
  const body = parsed.value;
  if (!appidsOf(row).includes(body.appid)) return errors.appidNotBound();
  const tooLate = timeExpireTooLate(body, ledger.clock);
  if (tooLate) return tooLate;
  const existing = ledger.trades.find(row.mchid, body.out_trade_no);
  const result = prepay(toRequest(body, tradeType, call.serial), existing, ledger.clock.now());
  if ('refused' in result) return refusals[result.refused]();
  ledger.store.write(ledger.trades.put(result.trade));
  return success(codeOf(result.trade, call.origin));
}

const refusals = {
  paid: errors.orderPaid,
  closed: errors.orderClosed,
  over: errors.orderOver,
  used: errors.numberUsed,
  changed: errors.changedReentry,
};

/** The documentation names 7 days for Native and 15 for the others; the longer one is taken for all. */
function timeExpireTooLate(body: PrepayBody, clock: Clock): Answer | undefined {
  if (body.time_expire === undefined) return undefined;
  if (Date.parse(body.time_expire) <= clock.now() + 15 * 86_400_000) return undefined;
  return parameterError('支付结束时间超过上限', {
    field: '/time_expire',
    value: body.time_expire,
    issue: 'later than 15 days',
    location: 'body',
  });
}

function toRequest(body: PrepayBody, tradeType: TradeType, signingSerial: string): PrepayRequest {
  return {
    tradeType,
    appid: body.appid,
    mchid: body.mchid,
    outTradeNo: body.out_trade_no,
    description: body.description,
    totalFen: body.amount.total,
    notifyUrl: body.notify_url,
    attach: body.attach,
    deviceId: body.scene_info?.device_id,
    openid: body.payer?.openid,
    timeExpire: body.time_expire === undefined ? undefined : Date.parse(body.time_expire),
    canonical: canonical(body),
    signingSerial,
  };
}

function codeOf(trade: Trade, origin: string): object {
  switch (trade.tradeType) {
    case 'NATIVE':
      return { code_url: `weixin://wxpay/bizpayurl/up?pr=${trade.code}&groupid=00` };
    case 'MWEB':
      return { h5_url: `${origin}/sandbox/h5?prepay_id=${trade.code}&package=${trade.code.slice(-10)}` };
    case 'JSAPI':
    case 'APP':
      return { prepay_id: trade.code };
  }
}
