import { spawnService, type Life, type ServiceOptions } from '../../embedded/children.js';
import type { Running } from '../../embedded/stack.js';
import { isCompiled, moduleOf } from '../root.js';

/** A part of the stack whose process can be killed and replaced; `now` is the one that runs. */
export type Part<T extends Life = Life> = Running & { readonly now: T; restart(): Promise<void> };

export function nodeArguments(entry: string, ...args: readonly string[]): string[] {
  const file = moduleOf(`src/entries/${entry}`);
  return isCompiled ? [file, ...args] : ['--import', TSX, file, ...args];
}

/** As a file URL: a child's working folder need not be this package's. */
const TSX = import.meta.resolve('tsx');

export function startNode(service: Omit<ServiceOptions, 'command'>): Promise<Part> {
  return replaceable(() => spawnService({ ...service, command: process.execPath }));
}

export async function replaceable<T extends Life>(start: () => Promise<T>): Promise<Part<T>> {
  let now = await start();
  return {
    get now() {
      return now;
    },
    stop: () => now.stop(),
    kill: (signal) => now.kill(signal),
    async restart() {
      now = await start();
    },
  };
}
