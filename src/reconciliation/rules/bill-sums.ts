import type { FundLine, FundSummary, TradeLine, TradeSummary } from './bill-line.js';

/** A summary's figures, counted over lines: of a file's own, or of those that were imported. */
export type TradeSums = SumsOf<TradeSummary>;
export type FundSums = SumsOf<FundSummary>;

type SumsOf<Summary> = { readonly [Figure in keyof Summary]: number };

export const NO_TRADE_LINES: TradeSums = {
  count: 0,
  settledFen: 0,
  refundSettledFen: 0,
  refundCouponFen: 0,
  feeMillifen: 0,
  totalFen: 0,
  refundAskedFen: 0,
};

export const NO_FUND_LINES: FundSums = { count: 0, inCount: 0, inFen: 0, outCount: 0, outFen: 0 };

export const addTradeLine = (sums: TradeSums, line: TradeLine): TradeSums => ({
  count: sums.count + 1,
  settledFen: sums.settledFen + line.settledFen,
  refundSettledFen: sums.refundSettledFen + (line.refund?.settledFen ?? 0),
  refundCouponFen: sums.refundCouponFen + (line.refund?.couponFen ?? 0),
  feeMillifen: sums.feeMillifen + line.feeMillifen,
  totalFen: sums.totalFen + line.totalFen,
  refundAskedFen: sums.refundAskedFen + (line.refund?.askedFen ?? 0),
});

export const addFundLine = (sums: FundSums, { direction, amountFen }: FundLine): FundSums =>
  direction === 'in'
    ? { ...sums, count: sums.count + 1, inCount: sums.inCount + 1, inFen: sums.inFen + amountFen }
    : { ...sums, count: sums.count + 1, outCount: sums.outCount + 1, outFen: sums.outFen + amountFen };

/** A figure of a bill's summary that its own lines do not add up to. */
export type SummaryDifference = { readonly figure: string; readonly summary: number; readonly lines: number };

/**
 * Where a bill contradicts itself. A figure that the summary does not have is not compared; sums that a number cannot hold exactly
 * never agree.
 */
export function differencesOf(summary: TradeSummary, sums: TradeSums): readonly SummaryDifference[];
export function differencesOf(summary: FundSummary, sums: FundSums): readonly SummaryDifference[];
export function differencesOf(summary: Figures<number | null>, sums: Figures<number>): readonly SummaryDifference[] {
  return Object.entries(sums).flatMap(([figure, lines]) => {
    const said = summary[figure] ?? null;
    if (said === null || (said === lines && Number.isSafeInteger(lines))) return [];
    return [{ figure, summary: said, lines }];
  });
}

type Figures<N> = Readonly<Record<string, N>>;
