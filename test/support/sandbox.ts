import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { replaceFile } from '../../src/embedded/write-file.js';
import { generateKeys, type NewKeyPair } from '../../src/sandbox/identity/issue.js';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/start.js';

/** A {@link startSandbox} with keys that differ among each other, and are those of every other one: a key pair costs 0.1 CPU seconds. */
export const startTestSandbox = (options: SandboxOptions = {}): Promise<Sandbox> =>
  startSandbox({ newKeyPair: keptKeys(), ...options });

const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/paysaga/keys/', import.meta.url));

type KeyPair = ReturnType<NewKeyPair>;
const kept: KeyPair[] = [];

/** One pair after the other of those that any run has made. */
export function keptKeys(): NewKeyPair {
  let next = 0;
  return () => {
    const index = next;
    next += 1;
    return (kept[index] ??= keep(join(FOLDER, `${index}.json`)));
  };
}

async function keep(file: string): KeyPair {
  const known = await readFile(file, 'utf8').catch(unlessMissing);
  if (known !== undefined) return JSON.parse(known) as Awaited<KeyPair>;
  const made = await generateKeys();
  await replaceFile(file, JSON.stringify(made), 0o600);
  return made;
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
