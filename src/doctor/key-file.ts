import { chmod, readFile, stat } from 'node:fs/promises';
import { failed, type Finding } from './check.js';

export type KeyFile =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unreadable'; readonly finding: Finding };

/** The file behind one setting; `setting` names it in what the person reads. */
export async function readKeyFile(file: string, setting: string): Promise<KeyFile> {
  try {
    return { kind: 'text', text: await readFile(file, 'utf8') };
  } catch (error) {
    const finding = failed(
      `${setting} cannot be read (${codeOf(error)})`,
      `Put the file where ${setting} says, readable for the user PaySaga runs as.`,
    );
    return { kind: 'unreadable', finding };
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

const OTHERS_MAY_READ = 0o004;
const ONLY_OWNER = 0o600;

/** Those of the files that every user of this machine may read; what is not there is another check's. */
export async function readableForAll(files: readonly string[]): Promise<readonly string[]> {
  // Windows has no such bits and shows all of them set.
  if (process.platform === 'win32') return [];
  const modes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mode }) => mode,
        () => 0,
      ),
    ),
  );
  return files.filter((_, index) => ((modes[index] ?? 0) & OTHERS_MAY_READ) !== 0);
}

export async function closeFiles(files: readonly string[]): Promise<void> {
  await Promise.all(files.map((file) => chmod(file, ONLY_OWNER)));
}
