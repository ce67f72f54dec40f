import type { Replay, Replayed, StoredHistory } from '../cli/replay.js';
import { workflowBundle } from './workflow-bundle.js';

/** Only `paysaga replay` pays for the worker's native module, and its core says nothing but errors. */
export const replay: Replay = async function* (histories) {
  const { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } = await import('@temporalio/worker');
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
  });
  const options = { workflowBundle: await workflowBundle() };
  const results = Worker.runReplayHistories(options, named(histories));
  for await (const { workflowId, error } of results) yield replayedAs(workflowId, error);
};

async function* named(histories: AsyncIterable<StoredHistory>) {
  for await (const { name, history } of histories) yield { workflowId: name, history };
}

const replayedAs = (name: string, error: Error | undefined): Replayed => ({
  name,
  problem: error === undefined ? undefined : `${error.name}: ${error.message}`,
});
