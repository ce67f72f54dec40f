import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Running } from '../src/embedded/stack.js';

/**
 * Stands before the ingresses as a load balancer does: connections go to one after the other, past one that refuses them. One that
 * hangs still gets its share.
 */
export async function startBalancer(): Promise<
  Running & { readonly port: number; to(ports: readonly number[]): void }
> {
  let targets: readonly number[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.once('close', () => open.delete(client)).on('error', () => client.destroy());
    turn += 1;
    const order = targets.map((_, index) => targets[(turn + index) % targets.length] ?? 0);
    pass(client, order);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the balancer has no port');
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return {
    port: address.port,
    to: (ports) => void (targets = ports),
    stop,
    kill: stop,
  };
}

/** To the first of these ports that takes the connection; nothing was read from the client before. */
function pass(client: Socket, [port, ...others]: readonly number[]): void {
  if (port === undefined || client.destroyed) {
    // A connection that merely ends is one that `fetch` opens again for ever.
    client.resetAndDestroy();
    return;
  }
  const upstream = connect(port, '127.0.0.1');
  const refused = (): void => pass(client, others);
  upstream.once('error', refused);
  upstream.once('connect', () => {
    upstream.off('error', refused).on('error', () => client.destroy());
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
}
