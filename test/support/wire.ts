import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Wire = {
  readonly url: string;
  /** From now on not one byte more on the connections that are there, and no end of them either; new ones work. */
  silence(): void;
  /** Ends the connections that are there: by a word of goodbye, or by a reset. */
  cut(how: 'FIN' | 'RST'): void;
  close(): Promise<void>;
};

/** A way to the database that a cable can be pulled out of. */
export async function silenceableWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const ends = new Set<Socket>();
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    const pair = [socket, onward] as const;
    pairs.add(pair);
    for (const end of pair) {
      ends.add(end);
      end.on('error', () => pair.forEach((each) => each.destroy()));
    }
    socket.pipe(onward).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence() {
      for (const [socket, onward] of pairs) {
        socket.unpipe(onward);
        onward.unpipe(socket);
        // Read and thrown away, or the other side would notice that nobody reads.
        socket.resume();
        onward.resume();
      }
      pairs.clear();
    },
    cut(how) {
      for (const [socket, onward] of pairs) {
        if (how === 'RST') socket.resetAndDestroy();
        else socket.destroy();
        onward.destroy();
      }
      pairs.clear();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const end of ends) end.destroy();
      await closed;
    },
  };
}
