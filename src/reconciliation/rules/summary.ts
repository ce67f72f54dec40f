import type { FundSummary, TradeSummary } from './bill-line.js';

/** Whether a bill says of itself what its lines add up to, in all that its summary names. */
export function agreesWith(summary: TradeSummary | FundSummary, sums: TradeSummary | FundSummary): boolean {
  const own = new Map<string, number | null>(Object.entries(sums));
  return Object.entries(summary).every(([name, value]) => value === null || own.get(name) === value);
}
