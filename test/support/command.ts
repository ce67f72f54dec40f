import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { builtFile } from './built.js';

export type Command = {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** To the whole group, as a terminal does with Ctrl-C. */
  signal(name: NodeJS.Signals): void;
  readonly exited: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
};

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Starts a command in the package's folder, at the head of a process group of its own. */
export function startCommand(command: string, args: readonly string[], env: Record<string, string>): Command {
  const child = spawn(command, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  let ended = false;
  const exited = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      ended = true;
      resolve({ code, ...said });
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);
  return {
    pid,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    signal: (name) => {
      if (!ended) process.kill(-pid, name);
    },
    exited,
  };
}

/** One of our entries, as the image runs it. */
export const startEntry = (entry: string, args: readonly string[], env: Record<string, string>): Command =>
  startCommand(process.execPath, [builtFile(`src/entries/${entry}.ts`), ...args], env);
