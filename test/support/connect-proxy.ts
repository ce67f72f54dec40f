import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { selfSigned } from '../webhooks/support/certificate.js';

export const LOGIN = { user: 'paysaga', password: 'canary-of-the-proxy/%' } as const;

export type ConnectProxy = {
  /** With the login. */
  readonly url: string;
  readonly urlWithoutLogin: string;
  /** What it was asked to open, in order; every byte of the requests for it. */
  readonly asked: string[];
  text(): string;
  close(): Promise<void>;
};

/** A proxy that opens tunnels to the named authorities alone, for those who know the login. */
export async function connectProxy(tunnels: Readonly<Record<string, number>>): Promise<ConnectProxy> {
  const asked: string[] = [];
  const heads: string[] = [];
  const sockets = new Set<Duplex>();
  const login = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`;
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const { url: authority = '', headers } = request;
    asked.push(authority);
    heads.push(JSON.stringify(headers));
    sockets.add(socket);
    socket.on('error', () => undefined);
    const port = tunnels[authority];
    if (headers['proxy-authorization'] !== login || port === undefined) {
      socket.end(`HTTP/1.1 ${port === undefined ? '403 Forbidden' : '407 Log in'}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(port, 'localhost', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    sockets.add(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${LOGIN.user}:${encodeURIComponent(LOGIN.password)}@${host}`,
    urlWithoutLogin: `http://${host}`,
    asked,
    text: () => heads.join('\n'),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type TlsFront = { readonly port: number; readonly ca: string; close(): void };

/** TLS under a name of its own, before a server that speaks plain HTTP. */
export async function tlsFront(hostname: string, url: string): Promise<TlsFront> {
  const certificate = selfSigned(hostname);
  const server = createTlsServer(certificate, (socket) => {
    const onward = connect(Number(new URL(url).port), '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const [end, other] of [
      [socket, onward],
      [onward, socket],
    ] as const)
      end.on('error', () => other.destroy());
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, ca: certificate.cert, close: () => void server.close() };
}
