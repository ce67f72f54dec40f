import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Of SPDX. None of them asks for the source of what is built with it. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  // Of data alone: which browser knows what.
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** Packages that say their licence in a file alone. */
const SAID_IN_A_FILE: Readonly<Record<string, string>> = { unionfs: 'Unlicense' };

/** Some packages of old times have a list, which nobody says how to read. */
const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean().optional(), license: z.string().optional().catch(undefined) }),
  ),
});

/** What the lockfile has for production, of every platform: more than is installed here. */
const folder = process.argv[2] ?? '.';
const { packages } = lockfile.parse(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')));
const used = Object.entries(packages).flatMap(([path, { dev, license }]) => {
  const name = path.replace(/^.*node_modules\//, '');
  return path === '' || dev === true ? [] : [{ name, license: license ?? SAID_IN_A_FILE[name] ?? 'none' }];
});
const refused = used.filter(({ license }) => !isAllowed(license));
for (const { name, license } of refused) console.error(`${name}: the licence ${license} is not among those allowed`);
console.log(`${used.length} packages, ${refused.length} with another licence than ${[...ALLOWED].join(', ')}`);
process.exitCode = refused.length > 0 ? 1 : 0;

/** Each part that `AND` joins has to be allowed, or one of its alternatives; what is nested deeper is not understood, and refused. */
function isAllowed(expression: string): boolean {
  const parts = expression.split(/ AND (?![^(]*\))/);
  return parts.every((part) =>
    part
      .replace(/^\((.*)\)$/, '$1')
      .split(' OR ')
      .some((licence) => ALLOWED.has(licence)),
  );
}
