import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/caller.js';
import { startCommand, startEntry, type Command } from '../support/command.js';
import { stackEnvironment } from '../support/dev-stack.js';
import { processesOf } from '../support/processes-of.js';

const ORDERS = 28;

/** Of a day that nobody but its bills told of. */
const BALANCED_DAY =
  /^bills of \d{4}-\d{2}-\d{2}: balanced, 3 payments and 1 refund agree, 3 differences found and repaired, told reconciliation\.completed$/;

describe('npm run demo', () => {
  let folder: string;
  let demo: Command;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paysaga-demo-test-'));
    demo = startCommand('npm', ['run', 'demo'], { ...stackEnvironment(join(folder, 'unused')), TMPDIR: folder });
  });
  afterAll(async () => {
    demo.signal('SIGINT');
    await demo.exited;
    await rm(folder, { recursive: true, force: true });
  });

  test('runs its orders to their ends, tells the shop of each, compares the books, and leaves nothing behind', async () => {
    const { code, stdout } = await demo.exited;
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`demo: ${ORDERS} orders, ${ORDERS} as expected, books differ by 0 fen`);
    expect(code).toBe(0);
    expect(lines.at(-2)).toMatch(BALANCED_DAY);
    const rows = lines.filter((line) => line.includes('✓'));
    expect(rows).toHaveLength(ORDERS);
    expect(rows.filter((row) => !/ (order|refund)\.[a-z]+ /.test(row))).toEqual([]);
    await until(async () => {
      const seen = await processesOf(folder);
      return { seen, met: seen.length === 0 };
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('paysaga'))).toEqual([]);
  });

  test('interrupted, it ends with 130 and leaves nothing behind', async () => {
    const own = await mkdtemp(join(tmpdir(), 'paysaga-demo-cut-'));
    const cut = startEntry('demo', [], { ...stackEnvironment(join(own, 'unused')), TMPDIR: own });
    try {
      await until(
        () => Promise.resolve({ seen: cut.stdout(), met: cut.stdout().includes('demo-notify: paid') }),
        300_000,
      );
      cut.signal('SIGINT');
      expect((await cut.exited).code).toBe(130);
      await until(async () => {
        const seen = await processesOf(own);
        return { seen, met: seen.length === 0 };
      });
      expect((await readdir(own)).filter((name) => name.startsWith('paysaga'))).toEqual([]);
    } finally {
      cut.signal('SIGINT');
      await cut.exited;
      await rm(own, { recursive: true, force: true });
    }
  });
});
