import { chmod, stat } from 'node:fs/promises';

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

const OTHERS_MAY_READ = 0o004;
const ONLY_OWNER = 0o600;

export async function readableForAll(files: readonly string[]): Promise<readonly string[]> {
  // Windows has no such bits and shows all of them set.
  if (process.platform === 'win32') return [];
  const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return files.filter((_, index) => ((found[index]?.mode ?? 0) & OTHERS_MAY_READ) !== 0);
}

export async function closeFiles(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => chmod(file, ONLY_OWNER)));
}
