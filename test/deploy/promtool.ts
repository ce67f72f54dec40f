import { spawnSync } from 'node:child_process';

/** What promtool answers, or undefined where it is not installed. */
export function promtool(
  folder: string,
  ...args: readonly string[]
): { ended: number | null; said: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined;
  return { ended: status, said: `${stdout}${stderr}` };
}
