import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Replay } from '../../src/cli/replay.js';
import { FOLDER } from '../support/stored-histories.js';
import { run } from './support/run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-replay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Workflows that cannot go on with whatever the name says. */
const failing = (broken: RegExp): Replay =>
  async function* (histories) {
    for await (const { name, history } of histories) {
      const problem = broken.test(name) ? 'DeterminismViolationError: changed' : undefined;
      yield { name, problem: (history.events?.length ?? 0) > 5 ? problem : 'a history without its events' };
    }
  };

describe('paysaga replay', () => {
  it('says of every stored history that it replays', async () => {
    const { code, out } = await run(['replay'], { replay: failing(/^$/) });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {3}test\/fixtures\/histories\/\S+\.json$/m);
    expect(out).toMatch(/\n(\d+) replayed, 0 failed\.\n$/);
  });

  it('takes files and folders, and fails with the one that does not replay', async () => {
    const { code, out, err } = await run(['replay', join(FOLDER, 'happy.json'), join(FOLDER, 'closed.json')], {
      replay: failing(/closed/),
    });
    expect(code).toBe(1);
    expect(out).toContain(`ok   ${join(FOLDER, 'happy.json')}\n`);
    expect(out).toContain(`FAIL ${join(FOLDER, 'closed.json')}: DeterminismViolationError: changed\n`);
    expect(out).toContain('2 replayed, 1 failed.');
    expect(err).toContain('cannot go on');
  });

  it('--json lists them with what is wrong', async () => {
    const file = join(FOLDER, 'happy.json');
    const { code, out } = await run(['replay', file, '--json'], { replay: failing(/happy/) });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      items: [{ name: file, ok: false, problem: 'DeterminismViolationError: changed' }],
      failed: 1,
    });
  });

  it('shows its progress on a terminal', async () => {
    const screen: string[] = [];
    const terminal = new PassThrough();
    Object.assign(terminal, { isTTY: true, columns: 80 });
    terminal.on('data', (chunk: Buffer) => screen.push(chunk.toString()));
    const files = ['happy.json', 'closed.json'].map((name) => join(FOLDER, name));
    await run(['replay', ...files], { replay: failing(/^$/), terminal });
    expect(screen.join('')).toContain('2/2');
  });

  it.each(['not json', '{}', '{"events": []}', '{"events": 7}', '[]'])('fails for a file of %s', async (text) => {
    const file = join(folder, 'odd.json');
    await writeFile(file, text);
    const { code, err } = await run(['replay', file], { replay: failing(/^$/) });
    expect(code).toBe(1);
    expect(err).toContain('odd.json is not a history');
  });

  it('from Temporal, which cannot be reached, is exit code 3', async () => {
    const nowhere = { connection: { address: '127.0.0.1:1' }, namespace: 'paysaga' };
    const argv = ['replay', '--workflow-id', 'order/1900000001/A-1001'];
    const { code, err } = await run(argv, { replay: failing(/^$/), config: { temporal: nowhere, timeoutMs: 300 } });
    expect(err).toContain('Temporal cannot be reached');
    expect(code).toBe(3);
    const unnamed = await run(argv, { replay: failing(/^$/) });
    expect(unnamed.code).toBe(3);
    expect(unnamed.err).toContain('TEMPORAL_ADDRESS');
  });

  it.each([
    [['replay', 'nowhere.json']],
    [['replay', 'src/cli']],
    [['replay', 'happy.json', '--query', 'x']],
    [['replay', '--workflow-id', 'a', '--query', 'x']],
    [['replay', '--limit', '0']],
  ])('refuses %j', async (argv) => {
    expect((await run(argv, { replay: failing(/^$/) })).code).toBe(2);
  });
});
