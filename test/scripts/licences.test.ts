import { expect, test } from 'vitest';
import { root } from '../docs/documents.js';
import { projectOf, runScript } from './packages.js';

const licences = (folder: string) => runScript('licences.ts', folder);

test('every package that goes into production may be used', async () => {
  const { code, out, err } = await licences(root);
  expect([code, err]).toEqual([0, '']);
  expect(Number(/^(\d+) packages/.exec(out)?.[1])).toBeGreaterThan(200);
});

test.each([
  ['GPL-3.0-only'],
  ['MIT AND GPL-3.0-only'],
  ['GPL-3.0-only OR SSPL-1.0'],
  ['(MIT OR Apache-2.0) AND GPL-3.0-only'],
  ['SEE LICENSE IN LICENSE.md'],
  ['UNLICENSED'],
  [undefined],
])('%s is refused, by the name of the package', async (license) => {
  const folder = await projectOf({ fine: { license: 'MIT' }, canary: license === undefined ? {} : { license } });
  const { code, err } = await licences(folder);
  expect(code).toBe(1);
  expect(err).toContain('canary');
  expect(err).not.toContain('fine');
});

test.each(['MIT', '(MIT OR GPL-3.0-only)', 'Apache-2.0 AND MIT', '(MIT OR GPL-3.0-only) AND ISC'])(
  '%s is taken',
  async (license) => {
    expect(await licences(await projectOf({ canary: { license } }))).toMatchObject({ code: 0, err: '' });
  },
);

test('what only development needs may have any', async () => {
  const folder = await projectOf({ fine: { license: 'MIT' }, tool: { license: 'GPL-3.0-only', dev: true } });
  expect(await licences(folder)).toMatchObject({ code: 0, out: expect.stringMatching(/^1 package/) as string });
});
