import { z } from 'zod';
import { parseJson } from '../../../base/parse-json.js';
import { failed, ok, skipped, type Finding } from '../finding.js';

const TIMEOUT_MS = 8_000;

const failure = z.object({ code: z.literal('FAIL') });

/** Sends a notify without a signature. PaySaga refuses it in its own words, which shows that notifies get there. */
export async function checkUnsignedNotify(url: string): Promise<Finding> {
  const answer = await post(url);
  if (answer === undefined) return skipped('nothing answers there');
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    return failed(
      `something acknowledges an unsigned notify with ${status}`,
      'Let POST /notify/ at PAYSAGA_PUBLIC_URL reach the ingress alone: whatever answers now makes WeChat Pay forget payments.',
    );
  }
  const isOurs = failure.safeParse(body).success;
  if (isOurs && status === 401) return ok('an unsigned notify reaches PaySaga and is refused');
  if (isOurs && status === 404) {
    return failed(
      'the ingress does not know this merchant',
      'Give the ingress the same merchants file as here and restart it.',
    );
  }
  return failed(
    `an unsigned notify is answered with ${status}${isOurs ? ' FAIL' : ', not by PaySaga'}`,
    'Let the proxy pass POST /notify/ to the ingress unchanged, without a login, a challenge or a limit of its own.',
  );
}

async function post(url: string): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'user-agent': 'paysaga-doctor' },
      body: '{}',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: parseJson(text) };
  } catch {
    return undefined;
  }
}
