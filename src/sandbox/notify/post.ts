import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Posted {
  /** null: no answer within the deadline */
  status: number | null;
  reason?: string;
}

const deadlineMs = 5_000;

/** One POST on a connection of its own; the status is all that counts, redirects are not followed. */
export function post(url: string, signature: [string, string][], body: string, stopped: AbortSignal): Promise<Posted> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = {
    'User-Agent': 'Mozilla/4.0',
    Accept: '*/*',
    Pragma: 'no-cache',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    ...Object.fromEntries(signature),
  };
  return new Promise((resolve) => {
    const failed = (error: Error) =>
      resolve({ status: null, reason: deadline.aborted ? 'no answer within 5 s' : error.message });
    const outgoing = send(
      url,
      { method: 'POST', agent: false, headers, signal: AbortSignal.any([deadline, stopped]) },
      (incoming) => {
        incoming.on('error', failed);
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? null }));
        incoming.resume();
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
