/** Runs what only measures: whatever goes wrong there must not reach what is measured. */
export function quietly(measure: () => void): void {
  try {
    measure();
  } catch {
    // A figure less.
  }
}
