import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../store/clock.js';
import type { Books } from './books.js';
import type { Day } from './day.js';
import { chunksOf, type Bill, type LineFault } from './file.js';
import { fundBill } from './fund-bill.js';
import { tradeBill, type TradeBillType } from './trade-bill.js';

export const billKinds = ['trade', 'fundflow'] as const;
export type BillKind = (typeof billKinds)[number];

export const fundAccounts = ['BASIC', 'OPERATION', 'FEES'] as const;

export type BillRequest = { mchid: string; day: Day } & (
  { kind: 'trade'; type: TradeBillType } | { kind: 'fundflow'; account: (typeof fundAccounts)[number] }
);

/** A file that was applied for, as all downloads by its URL answer it. */
export interface BillFile {
  mchid: string;
  kind: BillKind;
  bill: Bill;
  isZipped: boolean;
  lineFault: LineFault | undefined;
  isTruncated: boolean;
}

const lifeMs = 5 * 60_000;

/** URLs live in memory: after a restart they are unknown, and a client applies again. */
export function createBills({ clock, ...books }: Books & { clock: Clock }) {
  const given = new Map<string, { file: BillFile; expiresAt: number }>();
  return {
    /** The bill as the books have it now; without lines when nothing happened. */
    make(request: BillRequest): Bill {
      const { mchid, day } = request;
      if (request.kind === 'trade') return tradeBill(books, mchid, day, request.type);
      const { lines, ...bill } = fundBill(books, mchid, day);
      // Nothing here moves money of the other accounts.
      return { ...bill, lines: request.account === 'BASIC' ? lines : [] };
    },
    /** `sha1` is that of the file before it is zipped. */
    give(file: BillFile): { token: string; sha1: string } {
      const now = clock.now();
      for (const [token, { expiresAt }] of given) if (expiresAt <= now) given.delete(token);
      const token = randomBytes(48).toString('base64url');
      given.set(token, { file, expiresAt: now + lifeMs });
      const hash = createHash('sha1');
      for (const chunk of chunksOf(file.bill, file.lineFault)) hash.update(chunk);
      return { token, sha1: hash.digest('hex') };
    },
    /** The file of a token that was given to this merchant not longer than 5 minutes ago. */
    open(mchid: string, token: string): BillFile | undefined {
      const found = given.get(token);
      return found && found.file.mchid === mchid && found.expiresAt > clock.now() ? found.file : undefined;
    },
  };
}
