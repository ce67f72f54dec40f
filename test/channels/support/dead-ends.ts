import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { selfSigned } from '../../webhooks/support/certificate.js';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Nobody listens there any more. */
export async function deadPort(): Promise<string> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return `https://127.0.0.1:${port}`;
}

export type Silence = { readonly url: string; readonly port: number; connections(): number };

/** Takes connections and never says a word, so that no TLS handshake comes to an end there. */
export async function silence(): Promise<Silence> {
  let connections = 0;
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  const port = await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${port}`, port, connections: () => connections };
}

/** Shows a certificate of another name, that nobody vouches for. */
export async function strangersCertificate(): Promise<string> {
  const server = createTlsServer(selfSigned('stranger.example'), (socket) => socket.destroy());
  server.on('tlsClientError', () => undefined);
  const port = await listening(server);
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${port}`;
}

export const NO_SUCH_NAME = 'https://wechatpay.invalid';

export type Door = { readonly url: string; shut(): Promise<void>; open(): Promise<void> };

/** A way to a server that can be shut, so that nobody listens at its port, and opened again; until the test is over. */
export async function door(url: string): Promise<Door> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(new URL(url).port), new URL(url).hostname);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => undefined);
    }
    socket.pipe(onward).pipe(socket);
  });
  const port = await listening(server);
  const shut = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  onTestFinished(shut);
  return {
    url: `http://127.0.0.1:${port}`,
    shut,
    async open() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}
