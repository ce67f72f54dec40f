import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export type Answer = { readonly status: number; readonly body: unknown };

/** An HTTP server of as little as there can be; `answer` is given path, headers and raw body. Answers its address. */
export async function serveBarely(
  answer: (path: string, headers: IncomingMessage['headers'], body: string) => Promise<Answer>,
): Promise<string> {
  const server = createServer((request, response) => {
    void text(request)
      .then((body) => answer(request.url ?? '/', request.headers, body))
      .catch((error: unknown): Answer => ({ status: 500, body: { code: 'FAIL', message: String(error) } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
