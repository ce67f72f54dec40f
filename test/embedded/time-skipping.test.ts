import { describe, expect, test } from 'vitest';
import { cacheFolder } from '../../src/embedded/cache.js';
import { startTimeSkipping, timeSkippingServer } from '../support/time-skipping.js';

const say = (line: string) => void process.stderr.write(`${line}\n`);
const executable = await timeSkippingServer({ cacheDir: cacheFolder(process.env), env: process.env, onProgress: say });

describe.skipIf(executable === undefined)('the time-skipping server', () => {
  test('sleeps thirty days before the test ends', async () => {
    if (executable === undefined) throw new Error('skipped');
    const server = await startTimeSkipping(executable);
    try {
      const before = await server.nowMs();
      await server.pass(30 * 86_400_000);
      expect((await server.nowMs()) - before).toBeGreaterThanOrEqual(30 * 86_400_000);
    } finally {
      await server.stop();
    }
  });
});

test('without a download, Java and Maven there is none, and it is said why', async () => {
  const said: string[] = [];
  const none = await timeSkippingServer({
    cacheDir: '/nonexistent',
    env: { PATH: '/nonexistent' },
    downloadUrl: 'http://127.0.0.1:1',
    onProgress: (line) => said.push(line),
  });
  expect(none).toBeUndefined();
  expect(said.join()).toMatch(/skipped, there is no time-skipping server: no download, and no java and mvn/);
});
