import { TestWorkflowEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { cacheFolder } from '../../src/embedded/cache.js';
import { timeSkippingServer } from '../support/time-skipping.js';

const say = (line: string) => void process.stderr.write(`${line}\n`);
const executable = await timeSkippingServer({ cacheDir: cacheFolder(process.env), env: process.env, onProgress: say });

describe.skipIf(executable === undefined)('the time-skipping server', () => {
  test('sleeps thirty days in less than a minute', async () => {
    const environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: executable === undefined ? {} : { executable },
    });
    try {
      const before = await environment.currentTimeMs();
      await environment.sleep('30 days');
      expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 86_400_000);
    } finally {
      await environment.teardown();
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
