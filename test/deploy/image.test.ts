import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './compose-file.js';

const read = (name: string) => readFileSync(join(root, name), 'utf8');
const instructions = read('Dockerfile')
  .replace(/^\s*#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line !== '');
const of = (word: string) => instructions.filter((line) => line.startsWith(`${word} `));

test('the base images have tags that do not move', () => {
  expect(of('FROM').length).toBe(2);
  for (const line of of('FROM')) expect(line).toMatch(/^FROM node:\d+\.\d+\.\d+-bookworm-slim( AS build)?$/);
});

test('the image runs an entry, not as root, and has a health check', () => {
  expect(of('USER')).toEqual(['USER node']);
  expect(instructions.at(-1)).toBe('CMD ["node", "dist/src/entries/serve.js"]');
  expect(of('HEALTHCHECK')[0]).toContain('/healthz');
});

test("the command line is on the image's PATH, under the name that everything prints", () => {
  const { bin } = JSON.parse(read('package.json')) as { bin: Record<string, string> };
  expect(bin).toEqual({ paysaga: 'bin/paysaga.js' });
  expect(statSync(join(root, 'bin/paysaga.js')).mode & 0o111).toBe(0o111);
  expect(of('RUN')).toContain('RUN ln -s /app/bin/paysaga.js /usr/local/bin/paysaga');
});

test('the commands are lists that the image can run without a shell', () => {
  for (const line of [...of('CMD'), ...of('HEALTHCHECK')]) {
    const [program] = JSON.parse(line.slice(line.indexOf('['))) as string[];
    expect(program).toBe('node');
  }
});

test('the scripts that the build runs are in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const used = [...instructions.join('\n').matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(used).toContain('build');
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(used));
});

test('what the build copies is there and not ignored', () => {
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
  expect(allowed).toEqual(
    expect.arrayContaining(['package.json', 'package-lock.json', 'tsconfig.build.json', ...include]),
  );
  for (const name of [...include, 'package.json', 'package-lock.json'])
    expect(existsSync(join(root, name)), name).toBe(true);
});

test('what the second stage takes from the first is made there or copied into it', () => {
  const taken = of('COPY').flatMap((line) => /^COPY --from=build \/app\/(\S+) /.exec(line)?.[1] ?? []);
  const made = ['node_modules', 'dist'];
  const copied = read('.dockerignore')
    .split('\n')
    .map((line) => line.slice(1));
  expect(taken.length).toBeGreaterThan(2);
  expect([...made, ...copied]).toEqual(expect.arrayContaining(taken));
});
