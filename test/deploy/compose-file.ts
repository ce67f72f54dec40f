import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  network_mode: z.string().optional(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  restart: z.string().optional(),
  profiles: z.array(z.string()).default([]),
});
export type ComposeService = z.infer<typeof service>;

const base = read('docker-compose.yml');
const sandbox = read('docker-compose.sandbox.yml');

/** The services of docker-compose.yml, and all of them as docker-compose.sandbox.yml changes and adds them. */
export const services = parsed(base.services);
export const sandboxServices = parsed(merged(base.services, sandbox.services));
export const namedVolumes = [...Object.keys(base.volumes), ...Object.keys(sandbox.volumes)];

type Raw = Record<string, Record<string, unknown>>;

function read(name: string): { services: Raw; volumes: Record<string, unknown> } {
  // Compose's own tag `!reset` is unknown to the parser, which then reads the value without it.
  const text = readFileSync(`${root}/${name}`, 'utf8');
  return parse(text, { merge: true, logLevel: 'error' }) as { services: Raw; volumes: Record<string, unknown> };
}

function parsed(raw: Raw): [string, ComposeService][] {
  return Object.entries(z.record(z.string(), service).parse(raw));
}

/** As compose does it for what these files contain: mappings join, everything else is replaced. */
function merged(under: Raw, over: Raw): Raw {
  const names = [...new Set([...Object.keys(under), ...Object.keys(over)])];
  return Object.fromEntries(
    names.map((name) => {
      const [below = {}, above = {}] = [under[name], over[name]];
      const depends = {
        ...(below['depends_on'] as object | undefined),
        ...(above['depends_on'] as object | undefined),
      };
      return [name, { ...below, ...above, depends_on: depends }];
    }),
  );
}

/** Source and target of a mount, `${NAME:-default}` replaced by its default. */
export function mountOf(entry: string): { source: string; target: string } {
  const [source = '', target = ''] = entry.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':');
  return { source, target };
}
