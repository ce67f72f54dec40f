import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What is sent for a notify, and what counts as the receiver's yes. */
export interface Message {
  headers: Readonly<Record<string, string>>;
  body: string;
  isAccepted: (status: number, answer: string) => boolean;
}

/** `status` is null when no answer came; `reason` says why it, or a good status, is not enough. */
export interface Posted {
  status: number | null;
  reason?: string;
  isAccepted: boolean;
}

/** WeChat Pay waits so long for the answer to a notify. */
const deadlineMs = 5_000;

/** No answer that means something is longer. */
const maxAnswerBytes = 65_536;

/** One POST on a connection of its own. Redirects are not followed. */
export function post(url: string, { headers, body, isAccepted }: Message, stopped: AbortSignal): Promise<Posted> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const allHeaders = {
    'User-Agent': 'Mozilla/4.0',
    Accept: '*/*',
    Pragma: 'no-cache',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
    ...headers,
  };
  return new Promise((resolve) => {
    const failed = (error: Error) =>
      resolve({
        status: null,
        reason: deadline.aborted ? 'no answer within 5 s' : error.message,
        isAccepted: false,
      });
    const outgoing = send(
      url,
      { method: 'POST', agent: false, headers: allHeaders, signal: AbortSignal.any([deadline, stopped]) },
      (incoming) => {
        const chunks: Buffer[] = [];
        let length = 0;
        incoming.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= maxAnswerBytes) chunks.push(chunk);
        });
        incoming.on('error', failed);
        incoming.on('end', () => {
          const status = incoming.statusCode ?? 0;
          const accepted = isAccepted(status, Buffer.concat(chunks).toString());
          const isOdd = !accepted && status < 300;
          resolve({ status, isAccepted: accepted, ...(isOdd ? { reason: 'the answer does not accept it' } : {}) });
        });
      },
    );
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
