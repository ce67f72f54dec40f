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
  return laterOf(() => started);
}

/** Stands for what is not there yet; asked for anything before it is, it throws. */
export function laterOf<T extends object>(find: () => T | undefined): T {
  const found = (name: PropertyKey): T => {
    const it = find();
    if (it === undefined) throw new Error(`${String(name)} is asked for before the hooks have run`);
    return it;
  };
  return new Proxy({} as T, {
    get: (_, name) => Reflect.get(found(name), name) as unknown,
    set: (_, name, value) => Reflect.set(found(name), name, value),
    ownKeys: () => Reflect.ownKeys(found('keys')),
    getOwnPropertyDescriptor: (_, name) => {
      const property = Reflect.getOwnPropertyDescriptor(found(name), name);
      return property && { ...property, configurable: true };
    },
  });
}
