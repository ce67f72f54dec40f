import type { BillEnd } from './bill.js';
import type { FundLine, TradeLine } from '../../reconciliation/rules/bill-line.js';
import { spanOfBill, type BillDate } from '../../reconciliation/rules/day.js';
import { BillUnreadable } from './unreadable.js';

type Line = TradeLine | FundLine;

/**
 * The same items, as long as each line is of this merchant and of a time that a bill of this day can have. Throws
 * {@link BillUnreadable} at the first that is not: the file is of something else.
 */
export async function* belonging<Item extends Line | BillEnd<unknown, unknown>>(
  items: AsyncIterable<Item>,
  { mchid, date }: { readonly mchid: string; readonly date: BillDate },
): AsyncGenerator<Item> {
  const { from, until } = spanOfBill(date);
  for await (const item of items) {
    if ('lineNo' in item) {
      const isTrade = 'mchid' in item;
      if (isTrade && item.mchid !== mchid) throw new BillUnreadable('bad_value', item.lineNo, '商户号');
      const isOfDay = item.at >= from && item.at < until;
      if (!isOfDay) throw new BillUnreadable('bad_value', item.lineNo, isTrade ? '交易时间' : '记账时间');
    }
    yield item;
  }
}
