/**
 * Amounts of a bill are counted in thousandths of a fen, the fifth decimal of a yuan, in which fees are printed. With two
 * decimals anything below a fen is cut off.
 */
export function yuan(millifen: bigint, decimals: 2 | 5 = 2): string {
  const digits = String(millifen < 0n ? -millifen : millifen).padStart(6, '0');
  return `${millifen < 0n ? '-' : ''}${digits.slice(0, -5)}.${digits.slice(-5).slice(0, decimals)}`;
}

export const ofFen = (fen: bigint | number): bigint => BigInt(fen) * 1000n;

/** What a cell says, in thousandths of a fen; 0 where it says no amount. */
export function parseYuan(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,5}))?$/.exec(text);
  return match ? BigInt(`${match[1]}${match[2]}${(match[3] ?? '').padEnd(5, '0')}`) : 0n;
}
