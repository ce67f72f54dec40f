/** A rate as a bill prints it, `0.60%`, in millionths: 6000. Null for none, and for what is finer than that or no rate. */
export function ratePpm(rate: string | null): number | null {
  const [, whole = '', places = ''] = /^([0-9]{1,3})(?:\.([0-9]{1,4})0*)?%$/.exec(rate ?? '') ?? [];
  return whole === '' ? null : Number(whole) * 10_000 + Number(places.padEnd(4, '0'));
}

/** Thousandths of a fen, of either sign, to the nearest fen. */
export const fenOfMillifen = (millifen: number): number => Math.round(millifen / 1_000) + 0;
