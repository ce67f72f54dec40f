import { z } from 'zod';
import type { Change, Store } from './store/store.js';

/** A merchant's money at WeChat Pay. */
const accountSchema = z.object({
  /** The money that refunds are paid from; null: without end. */
  balanceFen: z.number().nullable(),
  /** How long a refund is PROCESSING before it succeeds by itself. */
  refundDelayMs: z.number(),
});

export type Account = z.infer<typeof accountSchema>;

export interface Accounts {
  of(mchid: string): Account;
  /** The change that saves the account, for `store.write`. */
  put(mchid: string, change: Partial<Account>): Change;
  /** The changes that add `byFen` to the balance; none when it has no end. */
  move(mchid: string, byFen: number): Change[];
}

const untouched: Account = { balanceFen: null, refundDelayMs: 1000 };

export function createAccounts(store: Store): Accounts {
  const table = store.table('accounts', accountSchema);
  const of = (mchid: string) => table.get(mchid) ?? untouched;
  const put = (mchid: string, change: Partial<Account>) => table.put(mchid, { ...of(mchid), ...change });
  return {
    of,
    put,
    move(mchid, byFen) {
      const { balanceFen } = of(mchid);
      return balanceFen === null ? [] : [put(mchid, { balanceFen: balanceFen + byFen })];
    },
  };
}
