import { createKeyedRate, wholeSeconds, type Rate } from '../../base/rate.js';

/** Wrong keys only; nobody who has the right one at hand is held up by it. */
const PER_ADDRESS: Rate = { burst: 10, intervalMs: 6_000 };

/** All addresses together: what guessing may cost the database, far above what people mistype. */
const IN_TOTAL: Rate = { burst: 200, intervalMs: 50 };

export type LoginLimit = {
  /** Seconds until this address may try again; 0 for now. */
  waitSeconds(address: string): number;
  failed(address: string): void;
};

export function createLoginLimit(now: () => Date): LoginLimit {
  const [perAddress, inTotal] = [createKeyedRate(PER_ADDRESS, now), createKeyedRate(IN_TOTAL, now)];
  return {
    waitSeconds: (address) => wholeSeconds(Math.max(perAddress.waitMs(address), inTotal.waitMs(''))),
    failed: (address) => {
      perAddress.count(address);
      inTotal.count('');
    },
  };
}
