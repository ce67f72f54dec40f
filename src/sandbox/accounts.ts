import { z } from 'zod';
import type { Change, Store } from './store/store.js';

const accountSchema = z.object({
  /** Refunds are paid from it; null: without end. */
  balanceFen: z.number().nullable(),
  /** How long a refund is PROCESSING before it succeeds by itself. */
  refundDelayMs: z.number(),
});

type Account = z.infer<typeof accountSchema>;

const untouched: Account = { balanceFen: null, refundDelayMs: 1000 };

export type Accounts = ReturnType<typeof createAccounts>;

/** The merchants' money at WeChat Pay. */
export function createAccounts(store: Store) {
  const table = store.table('accounts', accountSchema);
  const of = (mchid: string) => table.get(mchid) ?? untouched;
  const put = (mchid: string, change: Partial<Account>) => table.put(mchid, { ...of(mchid), ...change });
  return {
    of,
    put,
    /** The changes that add `byFen` to the balance; none when it has no end. */
    move(mchid: string, byFen: number): Change[] {
      const { balanceFen } = of(mchid);
      return balanceFen === null ? [] : [put(mchid, { balanceFen: balanceFen + byFen })];
    },
  };
}
