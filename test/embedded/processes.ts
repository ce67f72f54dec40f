import { expect } from 'vitest';

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when no process has this pid any more. */
export async function untilGone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { message: `process ${String(pid)} is still there` }).toBe(false);
}
