import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mountOf, namedVolumes, root, sandboxServices, services, type ComposeService } from './compose-file.js';

const all = [
  ...services.map(([name, service]) => ({ name, service, peers: new Map(services) })),
  ...sandboxServices.map(([name, service]) => ({ name: `sandbox: ${name}`, service, peers: new Map(sandboxServices) })),
];
const ours = all.filter(({ service }) => service.build !== undefined);

test.each(all)('$name: the image has a tag that does not move', ({ service: { image } }) => {
  expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+[\w.-]*$/);
});

test.each(all)('$name: what it waits for exists and can reach that condition', ({ service, peers }) => {
  for (const [target, { condition }] of Object.entries(service.depends_on)) {
    const found = peers.get(target);
    expect(found, target).toBeDefined();
    if (found !== undefined) expect(reachable(found), target).toContain(condition);
  }
});

/** A service either stays up and has a health check, or ends and is not started again. */
function reachable(service: ComposeService): string[] {
  const staysUp = service.restart === 'unless-stopped';
  if (!staysUp) return ['service_completed_successfully'];
  const imageHasCheck =
    service.build !== undefined && readFileSync(`${root}/Dockerfile`, 'utf8').includes('HEALTHCHECK');
  return service.healthcheck !== undefined || imageHasCheck ? ['service_healthy'] : [];
}

test.each(all)('$name: what it mounts exists', ({ service: { volumes } }) => {
  for (const { source, target } of volumes.map(mountOf)) {
    expect(target).toMatch(/^\//);
    if (source.startsWith('.')) expect(existsSync(join(root, source)), source).toBe(true);
    else expect(namedVolumes).toContain(source);
  }
});

test.each(all)('$name: a script it starts with is mounted and parses', ({ service: { volumes, entrypoint = [] } }) => {
  for (const script of entrypoint.filter((part) => part.endsWith('.sh'))) {
    const mount = volumes.map(mountOf).find(({ target }) => script.startsWith(`${target}/`));
    const file = join(root, script.replace(mount?.target ?? '', mount?.source ?? ''));
    expect(readFileSync(file, 'utf8')).toMatch(/^#!\/bin\/sh\n/);
    expect(statSync(file).mode & 0o111).not.toBe(0);
  }
});

test.each(all)('$name: nothing is published but on loopback', ({ service: { ports } }) => {
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test.each(ours)('$name: the command starts what is built into the image', ({ service: { command = [] } }) => {
  expect(command[0]).toBe('node');
  const files = command.flatMap((part) => part.match(/dist\/src\/[\w/-]+\.js/g) ?? []);
  expect(files).toHaveLength(1);
  for (const file of files) expect(existsSync(join(root, sourceOf(file))), file).toBe(true);
});

const sourceOf = (file: string) => file.replace(/^dist\//, '').replace(/\.js$/, '.ts');

test.each(all)(
  '$name: the network it shares is that of a service, which publishes in its place',
  ({ service, peers }) => {
    if (service.network_mode === undefined) return;
    expect([...peers.keys()].map((name) => `service:${name}`)).toContain(service.network_mode);
    expect(service.ports).toEqual([]);
  },
);

test.each([
  ['docker-compose.yml', services, 'ingress'],
  ['docker-compose.sandbox.yml', sandboxServices, 'sandbox'],
] as const)('%s publishes the API and the operators’ listener', (_, of, publisher) => {
  const { PORT, PAYSAGA_ADMIN_PORT } = new Map(of).get('ingress')?.environment ?? {};
  const published = new Map(of).get(publisher)?.ports;
  for (const port of [PORT, PAYSAGA_ADMIN_PORT])
    expect(published).toContain(`127.0.0.1:${String(port)}:${String(port)}`);
});

test('every value that has no default is in the example of .env', () => {
  const compose = readFileSync(`${root}/docker-compose.yml`, 'utf8');
  const example = readFileSync(`${root}/deploy/compose.env.example`, 'utf8');
  const required = new Set([...compose.matchAll(/\$\{(\w+):\?\}/g)].map(([, name]) => name));
  expect(required.size).toBeGreaterThan(0);
  for (const name of required) expect(example).toMatch(new RegExp(`^${String(name)}=`, 'm'));
});

test.each(all)('$name: nothing that always runs waits for what only a profile starts', ({ service, peers }) => {
  const waitsFor = Object.keys(service.depends_on).map((target) => peers.get(target)?.profiles ?? []);
  if (service.profiles.length === 0) expect(waitsFor.flat()).toEqual([]);
});

test('Prometheus and Grafana are there on demand, with the files of this repository', () => {
  const observability = services.filter(([, { profiles }]) => profiles.includes('observability'));
  expect(observability.map(([name]) => name)).toEqual(['prometheus', 'grafana']);
  const mounted = observability.flatMap(([, { volumes }]) => volumes.map(mountOf));
  const scraped = readFileSync(`${root}/deploy/prometheus/prometheus.yml`, 'utf8');
  const targets = [...scraped.matchAll(/names: \[(\w+)\]/g)].map(([, name]) => name);
  expect(services.map(([name]) => name)).toEqual(expect.arrayContaining(targets));
  const settings = new Map(services.map(([name, { environment }]) => [name, environment]));
  const ports = [
    settings.get('ingress')?.['PAYSAGA_ADMIN_PORT'],
    settings.get('worker')?.['PAYSAGA_WORKER_HEALTH_PORT'],
  ];
  expect([...scraped.matchAll(/ port: (\d+)/g)].map(([, port]) => port)).toEqual(ports);
  // Where the provisioning says that the dashboards are, they are.
  const provisioning = readFileSync(`${root}/deploy/grafana/provisioning/dashboards/paysaga.yml`, 'utf8');
  const path = /path: (\S+)/.exec(provisioning)?.[1];
  expect(mounted).toContainEqual({ source: './deploy/grafana/dashboards', target: path });
});
