import { createServer, type ServerResponse } from 'node:http';
import type { ReadinessView } from '../http/health.js';

type WorkerServerOptions = {
  readonly port: number;
  readonly host: string;
  readonly contentType: string;
  readonly renderMetrics: () => Promise<string>;
  readonly readiness: () => Promise<ReadinessView>;
};

/** `GET /healthz` (the process runs), `/readyz` (its workers poll and their services answer) and `/metrics`. Rejects when the address is taken. */
export function serveWorker(options: WorkerServerOptions): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz') answer(response, 200, 'ok\n');
    else if (path === '/readyz') void answerReadiness(response, options);
    else if (path === '/metrics') void answerMetrics(response, options);
    else answer(response, 404, 'not found\n');
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      resolve({
        port,
        close() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

async function answerReadiness(response: ServerResponse, { readiness }: WorkerServerOptions): Promise<void> {
  const view = await readiness();
  answer(response, view.status === 'ready' ? 200 : 503, `${JSON.stringify(view)}\n`, 'application/json');
}

async function answerMetrics(response: ServerResponse, options: WorkerServerOptions): Promise<void> {
  try {
    answer(response, 200, await options.renderMetrics(), options.contentType);
  } catch {
    answer(response, 500, 'metrics could not be collected\n');
  }
}

function answer(response: ServerResponse, status: number, body: string, contentType = 'text/plain'): void {
  response.writeHead(status, { 'content-type': contentType });
  response.end(body);
}
