import { HOUR } from '../../base/time.js';
import { reconcilableSpan, startOf, type BillDate } from '../../reconciliation/rules/day.js';
import type { DemoDay, Discrepancy, Shop } from './shop.js';
import type { ShopEndpoint } from './shop-endpoint.js';
import { until } from './until.js';

/** A day that is over, and has its bills. */
export type PastDay = {
  readonly date: BillDate;
  /** WeChat Pay's clock has to be so far behind for its noon to be now. */
  readonly behindSeconds: number;
};

/** The last day that has its bills by `now`: yesterday, or before 10:05 in Beijing the day before it. */
export function pastDay(now: Date): PastDay {
  const date = reconcilableSpan(now).to;
  const noonMs = startOf(date).getTime() + 12 * HOUR;
  return { date, behindSeconds: Math.round((now.getTime() - noonMs) / 1_000) };
}

type Seen = { readonly day: DemoDay; readonly discrepancies: readonly Discrepancy[] };

export type BilledDay = ReturnType<typeof createBilledDay>;

type Followed = {
  readonly shop: Pick<Shop, 'mchid' | 'beginDay' | 'day' | 'discrepancies'>;
  readonly endpoint: Pick<ShopEndpoint, 'heardOfDay'>;
};

/** A day held against WeChat Pay's bills, as an operator asks for it and follows it, and the shop hears of it. */
export function createBilledDay({ shop, endpoint }: Followed, date: BillDate) {
  let seen: Seen | undefined;
  let failure: string | undefined;
  let isOver = false;
  const told = () => endpoint.heardOfDay({ mchid: shop.mchid, date });

  const look = async (): Promise<Seen> => {
    seen = { day: await shop.day(date), discrepancies: await shop.discrepancies(date) };
    return seen;
  };
  const ran = async (ready: Promise<unknown>): Promise<void> => {
    await ready;
    await shop.beginDay(date);
    await until(`the day ${date} to end`, async () => {
      const { day } = await look();
      return day.finishedAt === null ? undefined : day;
    });
    await until(`the shop to hear of ${date}`, () => Promise.resolve(told()[0]));
  };
  return {
    /** Runs the day once its bills are `ready`. Whatever goes wrong with it is said by `line` and `wrong`. */
    run: (ready: Promise<unknown>): Promise<void> =>
      ran(ready)
        .catch((error: unknown) => {
          failure = error instanceof Error ? error.message : String(error);
        })
        .finally(() => {
          isOver = true;
        }),
    /** Looks once more at a day that ended, since a later look at an order may have changed it. */
    close: async (): Promise<void> => {
      if (failure === undefined && seen !== undefined) await look();
    },
    get isOver() {
      return isOver;
    },
    get line() {
      return `bills of ${date}: ${failure ?? (seen === undefined ? 'not asked for yet' : wordsOf(seen, told()))}`;
    },
    /** The day and the orders that are not as expected. */
    get wrong(): string[] {
      if (failure === undefined && seen !== undefined && isBalanced(seen) && told().join() === COMPLETED) return [];
      const orders = standing(seen?.discrepancies ?? []).map(({ orderNo }) => orderNo);
      return [date, ...orders.filter((orderNo) => orderNo !== null)];
    },
  };
}

/** All that the shop is to hear of a day that agrees in the end. */
const COMPLETED = 'reconciliation.completed';

const isBalanced = ({ day, discrepancies }: Seen): boolean =>
  day.finishedAt !== null && day.state === 'balanced' && standing(discrepancies).length === 0;

/** In the demo no person decides about any. */
const standing = (discrepancies: readonly Discrepancy[]): Discrepancy[] =>
  discrepancies.filter(({ status }) => status !== 'repaired');

/** What the day has come to, the lines on which both sides agree, and what differed. */
function wordsOf({ day, discrepancies }: Seen, told: readonly string[]): string {
  const agreed = (subject: string) => {
    const sums = day.classes.filter((it) => it.class === 'matched' && it.subject === subject);
    return counted(
      sums.reduce((total, { count }) => total + count, 0),
      subject,
    );
  };
  const open = standing(discrepancies);
  const repaired = discrepancies.length - open.length;
  return [
    day.finishedAt === null ? 'under way' : day.state,
    `${agreed('payment')} and ${agreed('refund')} agree`,
    `${counted(repaired, 'difference')} found and repaired`,
    ...open.map((it) => `${it.status}: ${it.class} ${it.outTradeNo ?? ''}`.trim()),
    ...(told.length === 0 ? [] : [`told ${told.join(', ')}`]),
  ].join(', ');
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
