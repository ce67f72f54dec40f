import type { Environment } from '../config.js';

/** `given` without what it says of services elsewhere, for a stack in which everything is started anew, on free ports. */
export function ownEnvironment(given: Environment): Record<string, string> {
  const texts = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || ELSEWHERE.test(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries([...texts, ...PORTS.map((name) => [name, '0'] as const)]);
}

const ELSEWHERE = /^(PAYSAGA_.*|TEMPORAL_.*|DATABASE_URL|HOST|PORT)$/;
const PORTS = [
  'PORT',
  'PAYSAGA_SANDBOX_PORT',
  'PAYSAGA_TEMPORAL_PORT',
  'PAYSAGA_TEMPORAL_UI_PORT',
  'PAYSAGA_POSTGRES_PORT',
];
