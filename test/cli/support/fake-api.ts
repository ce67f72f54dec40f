import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly lastEventId: string | undefined;
  readonly body: unknown;
};

export type FakeAnswer = {
  readonly status?: number;
  readonly type?: string;
  readonly location?: string;
  readonly body: unknown;
};

/** Answers a call it knows, by method and path; undefined for one it does not. */
export type Answering = (asked: Asked) => FakeAnswer | 'hang' | 'hangUp' | undefined;

export type FakeApi = {
  readonly url: string;
  readonly asked: Asked[];
  answer: Answering;
  close(): Promise<void>;
};

/** The ingress as the command line sees it: a real server with made-up answers, which keeps what it was asked. */
export async function startFakeApi(): Promise<FakeApi> {
  const server = createServer((request, response) => {
    void respond(request, response);
  });
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://fake');
    const sent = await text(request);
    const asked: Asked = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      authorization: request.headers.authorization,
      lastEventId: request.headers['last-event-id']?.toString(),
      body: sent === '' ? undefined : JSON.parse(sent),
    };
    api.asked.push(asked);
    const answer = api.answer(asked) ?? problem(404, 'not_found', 'No such path.');
    if (answer === 'hang') return;
    if (answer === 'hangUp') {
      request.socket.destroy();
      return;
    }
    const { status = 200, type = 'application/json', location, body } = answer;
    response.writeHead(status, { 'content-type': type, ...(location === undefined ? {} : { location }) });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api: FakeApi = {
    url: `http://127.0.0.1:${port}`,
    asked: [],
    answer: () => undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return api;
}

export const problem = (status: number, code: string, detail: string): FakeAnswer => ({
  status,
  type: 'application/problem+json',
  body: { type: `urn:paysaga:error:${code}`, title: code, status, code, detail, requestId: 'req-1' },
});
