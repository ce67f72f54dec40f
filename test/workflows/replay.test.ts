import { readFile, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { bundleFromSource } from '../../src/entries/workflow-bundle.js';
import { eventsOf, type HistoryEvent } from '../support/history.js';
import { startSaga } from '../support/saga.js';
import { startShopEndpoint } from '../support/shop-endpoint.js';
import { FOLDER, storedHistories, storeHistory } from '../support/stored-histories.js';
import { stories } from '../support/stories.js';
import { until } from '../support/until.js';

// Of new stories: RECORD_HISTORIES=1 npx vitest run test/workflows/replay.test.ts. What is stored stays as it was told.
const recording = process.env['RECORD_HISTORIES'] !== undefined;

if (recording) {
  it('tells every story that has no history and stores it', async () => {
    const stored = (await storedHistories()).map(({ name }) => name);
    const shop = await startShopEndpoint();
    const saga = await startSaga({ endpoint: shop });
    try {
      for (const [name, tell] of Object.entries(stories)) {
        if (stored.includes(name)) continue;
        const handle = await tell(saga, shop);
        await storeHistory(name, await until('the end of its task', () => settledEvents(handle)));
        await saga.gateway.repair();
      }
    } finally {
      await saga.stop();
      await shop.close();
    }
  });
}

describe('the stored histories', () => {
  it('cover every story', async () => {
    expect((await storedHistories()).map(({ name }) => name).sort()).toEqual(Object.keys(stories).sort());
  });

  it('name no machine and no folder', async () => {
    for (const file of await readdir(FOLDER)) {
      const text = await readFile(`${FOLDER}${file}`, 'utf8');
      expect(text, file).not.toContain(`@${hostname()}`);
      expect(text, file).not.toMatch(/node_modules|\.ts:\d/);
    }
  });

  it('all replay against the workflows as they are', async () => {
    const results = await replay(await bundleFromSource());
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(results.map(({ name }) => name).sort()).toEqual(Object.keys(stories).sort());
  });

  it('every one fails against a workflow whose commands changed', async () => {
    const workflowsPath = fileURLToPath(new URL('../fixtures/broken-workflow/index.ts', import.meta.url));
    const results = await replay(await bundleWorkflowCode({ workflowsPath, logger: silent }));
    expect(results.map(({ name }) => name).sort()).toEqual(Object.keys(stories).sort());
    expect(results.filter(({ error }) => error !== 'DeterminismViolationError')).toEqual([]);
  });
});

/** Postgres shows what a task did before the task has ended; until then the history holds nothing of it. */
async function settledEvents(handle: WorkflowHandle): Promise<readonly HistoryEvent[] | undefined> {
  const events = await eventsOf(handle);
  const last = events.at(-1);
  return last?.workflowTaskScheduledEventAttributes || last?.workflowTaskStartedEventAttributes ? undefined : events;
}

const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

async function replay(workflowBundle: { code: string }) {
  const histories = (await storedHistories()).map(({ name, history }) => ({ workflowId: name, history }));
  const results: { name: string; error: string | undefined }[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    results.push({ name: workflowId, error: error?.name });
  }
  return results;
}
