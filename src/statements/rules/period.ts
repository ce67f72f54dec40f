import { err, ok, type Result } from '../../base/result.js';
import { DAY } from '../../base/time.js';
import { daysAfter, parseBillDate, startOf, type BillDate } from '../../reconciliation/rules/day.js';

/** Calendar days in Beijing, both included. */
export type Period = { readonly from: BillDate; readonly to: BillDate };

/** As many as a leap year has. */
export const MAX_PERIOD_DAYS = 366;

/** Before WeChat Pay there was nothing to take. */
const FIRST_DAY = '2000-01-01';
const LAST_DAY = '2999-12-31';

type PeriodRefusal = { readonly field: 'from' | 'to'; readonly message: string };

export function parsePeriod(from: string, to: string, maxDays = MAX_PERIOD_DAYS): Result<Period, PeriodRefusal> {
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first === undefined) return err({ field: 'from', message: A_DAY });
  if (last === undefined) return err({ field: 'to', message: A_DAY });
  if (first > last) return err({ field: 'to', message: 'must not be before from' });
  const period = { from: first, to: last };
  const isLong = lengthOf(period) > maxDays;
  return isLong ? err({ field: 'to', message: `must be within ${maxDays} days` }) : ok(period);
}

const A_DAY = 'must be a day like 2026-03-01';

function parseDay(text: string): BillDate | undefined {
  const parsed = parseBillDate(text);
  return parsed.ok && text >= FIRST_DAY && text <= LAST_DAY ? parsed.value : undefined;
}

const lengthOf = ({ from, to }: Period): number => (startOf(to).getTime() - startOf(from).getTime()) / DAY + 1;

export const daysOf = (period: Period): BillDate[] =>
  Array.from({ length: lengthOf(period) }, (_, index) => daysAfter(period.from, index));

/** `to` is the first moment after it. */
export const spanOf = ({ from, to }: Period) => ({ from: startOf(from), to: startOf(daysAfter(to, 1)) });
