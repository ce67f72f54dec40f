import { afterAll, beforeAll } from 'vitest';

/** What a hook starts before the tests of a file or block and ends after them, under its own name from the beginning. */
export function startedFor<T extends object>(start: () => Promise<T>, end: (started: T) => Promise<unknown>): T {
  let started: T | undefined;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(async () => {
    if (started !== undefined) await end(started);
  });
  return new Proxy({} as T, {
    get(_, name) {
      if (started === undefined) throw new Error(`${String(name)} is asked for before the hooks have run`);
      return Reflect.get(started, name) as unknown;
    },
  });
}
