import type { Replayed, StoredHistory } from '../cli/replay.js';
import { workflowBundle } from './workflow-bundle.js';

/** Histories against the workflows of this build. Loads the worker's native module only then; its core logs errors alone. */
export async function* replay(histories: AsyncIterable<StoredHistory>): AsyncIterable<Replayed> {
  const { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } = await import('@temporalio/worker');
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
  });
  const options = { workflowBundle: await workflowBundle() };
  const results = Worker.runReplayHistories(options, named(histories));
  for await (const { workflowId: name, error } of results)
    yield { name, problem: error === undefined ? undefined : `${error.name}: ${error.message}` };
}

async function* named(histories: AsyncIterable<StoredHistory>) {
  for await (const { name, history } of histories) yield { workflowId: name, history };
}
