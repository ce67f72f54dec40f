import { spawn, type ChildProcess } from 'node:child_process';
import { inject } from 'vitest';
import { builtFile, KILLABLE_WORKER } from './built.js';
import type { Saga } from './saga.js';

/** A worker of this saga in a process of its own; it ends with this one at the latest. */
export function startKillableWorker({ databaseUrl, sandbox, services: { queues } }: Saga): ChildProcess {
  const suffix = queues.order.slice('paysaga'.length);
  const services = [databaseUrl, inject('temporalAddress'), inject('temporalNamespace'), suffix, sandbox.url];
  return spawn(process.execPath, [builtFile(KILLABLE_WORKER), ...services], { stdio: ['pipe', 'ignore', 'inherit'] });
}
