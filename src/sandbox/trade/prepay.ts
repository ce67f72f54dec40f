import { randomBytes } from 'node:crypto';
import { compactTime } from '../store/clock.js';
import { digits } from './number.js';
import type { PrepayType, Trade, TradeType } from './trade.js';

type Asked =
  | ('tradeType' | 'appid' | 'mchid' | 'outTradeNo' | 'description' | 'totalFen' | 'signingSerial')
  | ('notifyUrl' | 'attach' | 'deviceId' | 'payerOpenid' | 'request' | 'signType');

/** `timeExpire` is in ms since the epoch. */
export type TradeRequest = Pick<Trade, Asked> & { timeExpire?: number | undefined };
export type PrepayRequest = TradeRequest & { tradeType: PrepayType };

export type PrepaidTrade = Trade & { tradeType: PrepayType };
export type PrepayResult = { trade: PrepaidTrade } | { refused: 'paid' | 'closed' | 'over' | 'used' | 'changed' };

const minute = 60_000;
const day = 24 * 60 * minute;

/** The first prepay of a number makes the trade; a re-entry gives the trade a new code and the old code dies. */
export function prepay(request: PrepayRequest, existing: Trade | undefined, now: number): PrepayResult {
  const { tradeType } = request;
  if (!existing) return { trade: { ...newTrade(request, now), tradeType } };
  if (existing.tradeType !== tradeType) return { refused: 'used' };
  if (existing.payment) return { refused: 'paid' };
  if (existing.state === 'CLOSED') return { refused: 'closed' };
  if (existing.request !== request.request) return { refused: 'changed' };
  if (now >= existing.payableUntil) return { refused: 'over' };
  return {
    trade: {
      ...existing,
      tradeType,
      ...newCode(tradeType, now),
      replacedCodes: [...existing.replacedCodes, existing.code],
      signingSerial: request.signingSerial,
      signType: request.signType,
    },
  };
}

export function newTrade({ timeExpire, ...asked }: TradeRequest, now: number): Trade {
  const payableUntil = timeExpire === undefined ? now + 7 * day : Math.max(timeExpire, now + minute);
  return {
    ...asked,
    createdAt: now,
    payableUntil,
    autoCloseAt: Math.max(now + 7 * day, payableUntil),
    ...newCode(asked.tradeType, now),
    replacedCodes: [],
    state: 'NOTPAY',
    previousState: 'NONE',
  };
}

/** The code inside a code_url, an h5_url or a `prepay_id=…` package; a bare code is itself. */
export function parseCode(text: string | undefined): string | undefined {
  const match = /[?&](?:pr|prepay_id)=([^&#\s]+)/.exec(`?${(text ?? '').trim().replace('?', '&')}`);
  return match?.[1] ?? text?.trim();
}

function newCode(tradeType: TradeType, now: number): { code: string; codeExpiresAt: number } {
  const lifeMs = tradeType === 'MWEB' ? 5 * minute : 120 * minute;
  const code =
    tradeType === 'NATIVE'
      ? randomBytes(8).toString('base64url').replace(/[-_]/g, 'z')
      : `wx${compactTime(now)}${randomBytes(7).toString('hex')}${digits(6)}`;
  return { code, codeExpiresAt: now + lifeMs };
}
