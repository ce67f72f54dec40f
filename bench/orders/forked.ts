import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Running } from '../../src/embedded/stack.js';

export type Forked = Running & { readonly pid: number };

const said = z.union([z.object({ ready: z.unknown() }), z.object({ has: z.string() })]);

/**
 * A floor in a process of its own, from source as the services are. It is sent `job`, says `{ready}` when it works, and `{has: name}` of
 * what it has done; it ends with this process.
 */
export async function startForked(
  module: URL,
  job: Readonly<Record<string, string>>,
  onHas: (name: string) => void,
): Promise<Forked & { readonly ready: unknown }> {
  const child = fork(fileURLToPath(module), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    // Standard output is the benchmark's own.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const ready = await new Promise((resolve, reject) => {
    void exited.then(([code]) => reject(new Error(`${module.pathname} ended with ${String(code)}`)), reject);
    child.on('message', (message) => {
      const it = said.parse(message);
      if ('has' in it) onHas(it.has);
      else resolve(it.ready);
    });
    child.send(job);
  });
  if (child.pid === undefined) throw new Error(`${module.pathname} has no process`);
  return { pid: child.pid, ready, stop, kill: stop };
}

/** The other side: what the process was sent. It ends with the one that started it. */
export async function jobOf<T>(schema: z.ZodType<T>): Promise<T> {
  process.once('disconnect', () => process.exit());
  const [message] = z
    .tuple([z.unknown()])
    .rest(z.unknown())
    .parse(await once(process, 'message'));
  return schema.parse(message);
}

export const sayReady = (ready: unknown = null): void => void process.send?.({ ready });
export const sayHas = (name: string): void => void process.send?.({ has: name });
