import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.js';
import { freePorts, isFree } from '../../embedded/machine.js';
import { StartError } from '../process.js';

export type Ports = Config['ports'];

const NAMES = ['api', 'sandbox', 'temporal', 'temporalUi', 'postgres', 'worker', 'admin'] as const;
const remembered = z.partialRecord(z.enum(NAMES), z.number().int());

const SETTINGS: Readonly<Record<(typeof NAMES)[number], string>> = {
  api: 'PORT or --port',
  sandbox: 'PAYSAGA_SANDBOX_PORT or --sandbox-port',
  temporal: 'PAYSAGA_TEMPORAL_PORT or --temporal-port',
  temporalUi: 'PAYSAGA_TEMPORAL_UI_PORT or --temporal-ui-port',
  postgres: 'PAYSAGA_POSTGRES_PORT or --postgres-port',
  worker: 'PAYSAGA_WORKER_HEALTH_PORT',
  admin: 'PAYSAGA_ADMIN_PORT',
};

/**
 * Chooses the ports that are 0: the last start's where they are still free, since notify URLs and the merchants file name
 * them, else new ones. `unused` ports are not checked. Throws {@link StartError} when a port that was asked for is taken.
 */
export async function choosePorts(home: string, wanted: Ports, unused: readonly (keyof Ports)[] = []): Promise<Ports> {
  for (const name of NAMES) {
    if (wanted[name] === 0 || unused.includes(name) || (await isFree(wanted[name]))) continue;
    throw new StartError(`port ${wanted[name]} is taken; choose another with ${SETTINGS[name]}, 0 for any free one`);
  }
  const file = join(home, 'ports.json');
  const last = await readLast(file);
  const fresh = await freePorts(NAMES.length);
  const chosen = await Promise.all(
    NAMES.map(async (name, index) => {
      if (wanted[name] !== 0) return [name, wanted[name]] as const;
      const before = last[name];
      return [name, before !== undefined && (await isFree(before)) ? before : (fresh[index] ?? 0)] as const;
    }),
  );
  const ports = { ...wanted, ...Object.fromEntries(chosen) };
  await writeFile(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

async function readLast(file: string): Promise<z.infer<typeof remembered>> {
  try {
    return remembered.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Never started here, or written by hand: free ports do.
    return {};
  }
}
