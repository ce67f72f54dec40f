import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundleFromSource, keptBundle, workflowBundle } from '../../src/entries/workflow-bundle.js';

let root: string;
let made: number;
const make = () => Promise.resolve({ code: `bundle ${(made += 1)}\nwith a second line` });
const bundle = async () => (await keptBundle(root, make)).code.split('\n')[0];
const put = async (path: string, content: string) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
};

beforeEach(async () => {
  made = 0;
  root = await mkdtemp(join(tmpdir(), 'paysaga-bundle-'));
  await put('workflows/index.ts', 'a');
  await put('activities/order.ts', 'a');
  await put('src/orders/rules/state.ts', 'a');
  await put('tsconfig.json', '{}');
  await put('node_modules/.package-lock.json', '{}');
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('is made once for all that need it', async () => {
  expect(await keptBundle(root, make)).toEqual({ code: 'bundle 1\nwith a second line' });
  expect(await keptBundle(root, make)).toEqual({ code: 'bundle 1\nwith a second line' });
});

it.each([
  ['a workflow changed', 'workflows/index.ts'],
  ['a source deep below changed', 'src/orders/rules/state.ts'],
  ['a source is new', 'src/orders/rules/new.ts'],
  ['another version of a package is installed', 'node_modules/.package-lock.json'],
])('is made anew when %s', async (_what, path) => {
  await bundle();
  await put(path, 'b');
  expect(await bundle()).toBe('bundle 2');
});

it('is made anew when a source moved', async () => {
  await put('workflows/b.ts', 'x');
  await bundle();
  await rm(join(root, 'workflows/b.ts'));
  await put('workflows/c.ts', 'x');
  expect(await bundle()).toBe('bundle 2');
});

it('is made each time where nothing can be known or kept', async () => {
  await rm(join(root, 'node_modules/.package-lock.json'));
  expect([await bundle(), await bundle()]).toEqual(['bundle 1', 'bundle 2']);
  await put('node_modules/.package-lock.json', '{}');
  await put('node_modules/.cache', 'a file where a folder should be');
  expect([await bundle(), await bundle()]).toEqual(['bundle 3', 'bundle 4']);
});

it('kept or fresh, it is the same', async () => {
  const fresh = await bundleFromSource();
  expect(await workflowBundle()).toEqual(fresh);
  expect(await workflowBundle()).toEqual(fresh);
});
