import type { Client } from '@temporalio/client';
import { failed, ok, warning, type Finding } from '../finding.js';

export type QueueKind = 'workflow' | 'activity';

export type Queue = {
  readonly name: string;
  readonly kinds: readonly QueueKind[];
  /** Its workers share limits at WeChat Pay. */
  readonly isLimited?: true;
};

/** `TaskQueueType` of Temporal's API. */
const TYPES: Readonly<Record<QueueKind, number>> = { workflow: 1, activity: 2 };

/** A poll lasts a minute, and who has gone is named for five: older than this nobody polls any more. */
const FRESH_MS = 90_000;

type Place = {
  readonly client: Client;
  readonly namespace: string;
  readonly now: () => Date;
  /** Processes that are said to share the limits. */
  readonly workers: number;
};

export async function checkPollers(place: Place, queue: Queue): Promise<Finding> {
  const polled = await Promise.all(queue.kinds.map((kind) => pollersOf(place, queue.name, kind)));
  const unpolled = queue.kinds.filter((_, index) => polled[index]?.length === 0);
  if (unpolled.length > 0) {
    return failed(
      `nobody polls ${queue.name} for ${unpolled.join(' and ')} tasks`,
      'Start a worker with npm run worker.',
    );
  }
  const workers = new Set(polled.flat()).size;
  if (queue.isLimited === true && workers > place.workers) {
    return warning(
      `${workers} workers poll, and PAYSAGA_WORKERS says ${place.workers}`,
      `Set PAYSAGA_WORKERS to ${workers} for all of them, else together they exceed the limits at WeChat Pay; one that ended less than 90 s ago still counts.`,
    );
  }
  return ok(`${workers} ${workers === 1 ? 'worker' : 'workers'}`);
}

/** Their identities; a worker has several pollers under one. */
async function pollersOf({ client, namespace, now }: Place, name: string, kind: QueueKind): Promise<string[]> {
  const type = Object.fromEntries([['taskQueueType', TYPES[kind]]]);
  const request = { namespace, taskQueue: { name }, ...type };
  const { pollers } = await client.workflowService.describeTaskQueue(request);
  const since = now().getTime() - FRESH_MS;
  const fresh = pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > since);
  return fresh.map(({ identity }) => identity ?? '');
}
