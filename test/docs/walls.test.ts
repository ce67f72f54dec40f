import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A file, what it imports, and the wall that this breaks; null: no wall. */
const IMPORTS = [
  ['src/base/one.ts', 'src/orders/rules/two.ts', 'wall-base'],
  ['src/orders/rules/one.ts', 'src/orders/store/two.ts', 'wall-rules'],
  ['src/orders/rules/pure.ts', 'src/refunds/rules/two.ts', null],
  ['src/orders/store/one.ts', 'src/orders/use-cases/two.ts', 'wall-store'],
  ['src/orders/store/pair.ts', 'src/refunds/store/two.ts', null],
  ['src/orders/use-cases/one.ts', 'src/orders/api/two.ts', 'wall-useCases'],
  ['src/orders/use-cases/early.ts', 'src/bulk/use-cases/two.ts', 'order-of-features-orders'],
  ['src/bulk/use-cases/late.ts', 'src/orders/use-cases/two.ts', null],
  ['src/refunds/client.ts', 'src/http/kit/two.ts', 'wall-client'],
  ['src/channels/one.ts', 'src/orders/store/three.ts', 'wall-channels'],
  ['src/metrics/one.ts', 'src/orders/rules/three.ts', 'wall-metrics'],
  ['src/ops/one.ts', 'src/orders/page/two.ts', 'wall-ops'],
  ['src/http/one.ts', 'src/orders/api/three.ts', 'wall-http'],
  ['src/cli/one.ts', 'src/http/two.ts', 'wall-cli'],
  ['src/sandbox/one.ts', 'src/base/two.ts', 'wall-sandbox'],
  ['src/client/one.ts', 'src/base/four.ts', 'wall-shopsClient'],
  ['src/embedded/one.ts', 'src/base/three.ts', 'wall-embedded'],
  ['workflows/orders/one.ts', 'src/orders/store/four.ts', 'workflows-are-deterministic'],
  ['workflows/orders/two.ts', 'src/orders/rules/four.ts', null],
  ['activities/one.ts', 'src/http/three.ts', 'wall-activities'],
  ['src/entries/one.ts', 'test/two.ts', 'source-never-imports-tests'],
  ['src/entries/two.ts', 'bench/two.ts', 'source-never-imports-tests'],
] as const;

test('a wrong import is found, by the wall that it breaks, and no right one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-walls-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [from, to] of IMPORTS) {
    await mkdir(join(folder, dirname(from)), { recursive: true });
    await mkdir(join(folder, dirname(to)), { recursive: true });
    await writeFile(join(folder, to), 'export const it = 1;\n');
    const path = relative(dirname(from), to).replace(/\.ts$/, '.js');
    const imported = `import { it } from '${path.startsWith('.') ? path : `./${path}`}';\n`;
    await writeFile(join(folder, from), `${imported}export const its = it;\n`);
  }
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    await cp(join(ROOT, file), join(folder, file));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const tool = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [tool, '--output-type', 'json', 'src', 'workflows', 'activities'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 });
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] };
  };
  const broken = summary.violations.map(({ from, to, rule }) => `${from} → ${to}: ${rule.name}`);
  const expected = IMPORTS.flatMap(([from, to, rule]) => (rule === null ? [] : [`${from} → ${to}: ${rule}`]));
  expect(broken.sort()).toEqual(expected.sort());
});
