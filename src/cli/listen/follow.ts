import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import { parsed, type Api } from '../kit/api.js';
import { CliFailure, EXIT } from '../kit/command.js';
import { eventsOf } from '../kit/event-stream.js';

const event = z.looseObject({
  id: z.string(),
  type: z.string(),
  createdAt: z.string(),
  orderNo: z.string().nullable(),
  status: z.string(),
  body: z.string(),
});
export type ToldEvent = z.infer<typeof event>;

type Following = {
  /** After which event; absent: whatever comes from now on. */
  readonly since: string | undefined;
  readonly stop: AbortSignal;
  readonly onConnected: () => void;
  readonly onOutage: (problem: string) => void;
};

const LONGEST_WAIT_MS = 15_000;

/** What the shop is told, each event once and in its order, across outages; ends when told to stop. Throws what is refused. */
export async function* followEvents(
  api: Api,
  { since, stop, onConnected, onOutage }: Following,
): AsyncGenerator<ToldEvent> {
  let position = since;
  let isConnected = false;
  for (let waitMs = 0; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2 || 1_000)) {
    try {
      const body = await api.stream('/v1/events/stream', {}, { lastEventId: position, signal: stop });
      isConnected = true;
      let isFirst = true;
      for await (const { id, data } of eventsOf(body)) {
        if (isFirst) onConnected();
        isFirst = false;
        if (data !== '') yield parsed(event, parseJson(data));
        position = id;
        waitMs = 0;
      }
      if (!isOver(stop)) onOutage('the stream ended');
    } catch (error) {
      if (isOver(stop)) return;
      if (!isConnected || isRefusal(error)) throw error;
      onOutage(error instanceof CliFailure ? error.message : 'the stream broke off');
    }
    await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined);
    if (isOver(stop)) return;
  }
}

/** A function, since the flag changes during each await. */
const isOver = (stop: AbortSignal): boolean => stop.aborted;

const isRefusal = (error: unknown): boolean =>
  error instanceof CliFailure && error.exitCode !== EXIT.unreachable && !error.message.startsWith('rate_limited');
