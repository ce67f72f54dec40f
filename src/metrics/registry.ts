import { collectDefaultMetrics, Registry } from 'prom-client';

/** A process's own metrics with what Node says of itself; the library's global registry stays empty. Once a process. */
export function createProcessRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
