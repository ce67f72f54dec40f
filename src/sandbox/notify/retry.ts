/** Seconds between the attempts: 15 retries over 24 h 4 min. */
const retrySeconds = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];

/** ms until the next attempt after `attempts` failed ones; `undefined` when there is none. */
export function retryDelayMs(attempts: number, timeScale: number): number | undefined {
  const seconds = retrySeconds[attempts - 1];
  return seconds === undefined ? undefined : (seconds * 1000) / timeScale;
}
