/**
 * How often a property is tried on new examples: `quick` times where every change waits for it, ten times as often in the long mode,
 * `PROPERTY_RUNS=long npm test`.
 */
export const runs = (quick: number): { readonly numRuns: number } => ({
  numRuns: process.env['PROPERTY_RUNS'] === 'long' ? 10 * quick : quick,
});
