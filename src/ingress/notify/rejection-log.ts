import type { Logger } from 'pino';
import type { Mchid } from '../../base/ids.js';
import type { NotifyRejection } from '../../channels/port.js';

const INTERVAL_MS = 10_000;

export type RejectionLog = (mchid: Mchid, reason: NotifyRejection) => void;

/** Anybody can send forged notifies: at most one line per merchant and reason in 10 s, which says how many it stands for. */
export function createRejectionLog(log: Pick<Logger, 'warn'>, now: () => Date): RejectionLog {
  const lines = new Map<string, { atMs: number; unlogged: number }>();
  return (mchid, reason) => {
    const key = `${mchid}/${reason}`;
    const last = lines.get(key);
    const atMs = now().getTime();
    if (last !== undefined && atMs - last.atMs < INTERVAL_MS) {
      last.unlogged += 1;
      return;
    }
    log.warn({ mchid, reason, unlogged: last?.unlogged ?? 0 }, 'notify rejected');
    lines.set(key, { atMs, unlogged: 0 });
  };
}
