import { Context } from '@temporalio/activity';
import { cacheFolder } from '../../src/embedded/cache.js';
import { SEARCH_ATTRIBUTES } from '../../workflows/saga/messages.js';
import { startSaga, type Saga, type SagaOptions } from './saga.js';
import { startTimeSkipping, timeSkippingServer } from './time-skipping.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Resolves to `undefined`, said aloud, where there is no time-skipping server. */
export const skippingServer = await timeSkippingServer({
  cacheDir: cacheFolder(process.env),
  env: process.env,
  onProgress: say,
});

export type TimeSkippingSaga = Saga & {
  /** Lets Temporal's time pass, and WeChat Pay's with it. */
  pass(seconds: number): Promise<void>;
  /** Temporal's time. */
  nowMs(): Promise<number>;
};

/** A saga whose workflows live through days in seconds. Activities take the time Temporal gives them. */
export async function startTimeSkippingSaga(
  options: Pick<SagaOptions, 'endpoint' | 'merchants' | 'protocol'> = {},
): Promise<TimeSkippingSaga> {
  if (skippingServer === undefined) throw new Error('there is no time-skipping server');
  const server = await startTimeSkipping(skippingServer);
  const namespace = 'default';
  await server.connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(Object.values(SEARCH_ATTRIBUTES).map((name) => [name, 2])),
  });
  const { address } = server;
  const saga = await startSaga({
    ...options,
    temporal: { address, namespace },
    activityNow: createActivityTime(),
  });
  return {
    ...saga,
    nowMs: () => server.nowMs(),
    async pass(seconds) {
      await saga.control('POST', '/clock', { advanceSeconds: seconds });
      await server.pass(seconds * 1_000);
    },
    async stop() {
      await saga.stop();
      await server.stop();
    },
  };
}

/** When the server scheduled a try; a local activity, which no server schedules, takes the latest time it gave. */
function createActivityTime(): () => Date {
  let latestMs = Date.now();
  return () => {
    const { info } = Context.current();
    if (!info.isLocal) latestMs = Math.max(latestMs, info.currentAttemptScheduledTimestampMs);
    return new Date(latestMs);
  };
}
