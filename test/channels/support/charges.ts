import { inspect } from 'node:util';
import type { Charge, Gateway } from '../../../src/channels/port.js';
import { fen, outTradeNo } from './values.js';

export const AUTH_CODE = '131234567890123456';

/** A charge of ¥12.05; a test changes what it is about. */
export const chargeOf = (changes: Partial<Charge> = {}): Charge => ({
  outTradeNo: outTradeNo('A-10001'),
  appid: 'wx8888888888888888',
  amountFen: fen(1_205),
  description: 'Pu-erh tea',
  attach: null,
  sale: null,
  authCode: AUTH_CODE,
  till: { device: { ip: '203.0.113.7' }, store: { id: '314159' } },
  ...changes,
});

/** Charges once, and counts how often the code was claimed for it. */
export function charging(gateway: Gateway, patience: 'brief' | 'durable', changes: Partial<Charge> = {}) {
  const claims = { count: 0 };
  const claim = (): Promise<Charge> => {
    claims.count += 1;
    return Promise.resolve(chargeOf(changes));
  };
  return { claims, answer: gateway.charge({ claim }, { patience }) };
}

/** All that a log or a trace could write of it. */
export const allOf = (error: unknown): string => inspect(error, { depth: 20, showHidden: true });
