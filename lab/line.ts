import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Send } from '../src/entries/demo/shop.js';
import { parseJson } from '../src/base/parse-json.js';

/** An answer that PaySaga never gives, to whom it may be. */
export type BadAnswer = { readonly request: string; readonly status: number; readonly body: string };

export type Line = ReturnType<typeof openLine>;

/** Longer than any process is frozen. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 500;

/**
 * A caller's line: what finds nobody, or loses its answer, is sent again, as a shop does. Counts the answers of PaySaga by their status, and keeps
 * those that no fault of anybody's explains: a 5xx other than a 503 with a code.
 */
export function openLine(apiUrl: string) {
  const answers = new Map<number, number>();
  const bad: BadAnswer[] = [];
  const taken = new Set<string>();
  const hear = (url: string, method: string, status: number, body: string): void => {
    if (!url.startsWith(`${apiUrl}/`)) return;
    if (method === 'POST' && new URL(url).pathname === '/v1/orders' && status < 300) taken.add(nameIn(body));
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (isBad(status, body)) bad.push({ request: `${method} ${url.slice(apiUrl.length)}`, status, body });
  };
  const sendUntil =
    (over?: AbortSignal): Send =>
    async (url, init) => {
      for (;;) {
        if (over?.aborted === true) throw new Error('the story is over');
        const answer = await once(url, init).catch((error: unknown) => {
          // What cannot be sent at all would be sent for ever.
          if (error instanceof TypeError && error.cause === undefined) throw error;
          return undefined;
        });
        if (answer === undefined) {
          await sleep(AGAIN_MS);
          continue;
        }
        const { status, headers, text } = answer;
        hear(url, init.method ?? 'GET', status, text);
        return new Response(text === '' ? null : text, { status, headers });
      }
    };
  return {
    send: sendUntil(),
    /** Whoever still calls once that is aborted is told that it is over. */
    sendUntil,
    answers: answers as ReadonlyMap<number, number>,
    bad: bad as readonly BadAnswer[],
    /** `<mchid>/<orderNo>` of every order whose creation was answered with a 2xx. */
    taken: taken as ReadonlySet<string>,
  };
}

const created = z.object({ mchid: z.string(), orderNo: z.string() });

function nameIn(body: string): string {
  const { mchid, orderNo } = created.parse(parseJson(body));
  return `${mchid}/${orderNo}`;
}

async function once(url: string, init: RequestInit) {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

export function isBad(status: number, body: string): boolean {
  if (status < 500) return false;
  const problem = parseJson(body);
  return status !== 503 || typeof problem !== 'object' || problem === null || !('code' in problem);
}
