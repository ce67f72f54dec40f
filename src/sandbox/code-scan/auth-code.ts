import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../store/clock.js';
import type { Store } from '../store/store.js';
import { digits } from '../trade/number.js';
import type { Trade } from '../trade/trade.js';

/**
 * What the payer does whose code is charged: pays without a password, types it or refuses after a while, or leaves the prompt
 * alone.
 */
export const payerKinds = ['pays', 'password', 'refuses', 'silent'] as const;

/** 18 digits; 10 to 14 begin those of the mainland, 15 those of Hong Kong. */
export const authCodePattern = /^1[0-5]\d{16}$/;

const lifeMs = 60_000;

const authCodeSchema = z.object({
  payer: z.enum(payerKinds),
  openid: z.string().optional(),
  couponFen: z.number().optional(),
  /** How long the payer takes to type the password, or to refuse. */
  afterMs: z.number(),
  /** Ms since the epoch in business time. */
  expiresAt: z.number(),
  /** The trade that it was charged for. */
  usedBy: z.object({ mchid: z.string(), outTradeNo: z.string() }).optional(),
});

export type AuthCode = z.infer<typeof authCodeSchema>;

export type AuthCodes = ReturnType<typeof createAuthCodes>;

/** The codes that payers show, of no merchant in particular: each is good for one charge, within a minute. */
export function createAuthCodes(store: Store, clock: Clock) {
  const table = store.table('authCodes', authCodeSchema);
  return {
    make(wanted: Omit<AuthCode, 'expiresAt' | 'usedBy'>): string {
      const authCode = `1${randomInt(6)}${digits(8)}${digits(8)}`;
      store.write(table.put(authCode, { ...wanted, expiresAt: clock.now() + lifeMs }));
      return authCode;
    },
    find: (authCode: string) => table.get(authCode),
    /** The code as it can be charged now, or why it cannot. */
    open(authCode: string): AuthCode | 'unknownCode' | 'usedCode' | 'expiredCode' {
      const code = table.get(authCode);
      if (!code) return 'unknownCode';
      if (code.usedBy) return 'usedCode';
      return clock.now() < code.expiresAt ? code : 'expiredCode';
    },
    use: (authCode: string, code: AuthCode, { mchid, outTradeNo }: Trade) =>
      table.put(authCode, { ...code, usedBy: { mchid, outTradeNo } }),
  };
}
