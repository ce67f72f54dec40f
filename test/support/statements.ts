import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectDatabase, type Connection } from '../../src/db/connection.js';

/** What reaches Postgres, in order: each statement that is executed, `begin` and `commit` too. */
export type StatementLog = {
  /** The same database, by way of the log. */
  readonly url: string;
  /** Since the start or the last call. */
  take(): Statement[];
  close(): Promise<void>;
};

type Statement = { readonly session: number; readonly text: string };

/** A proxy that reads what clients say: statements are counted as Postgres gets them, whoever sends them. */
export async function logStatements(databaseUrl: string): Promise<StatementLog> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let said: Statement[] = [];
  let sessions = 0;
  const server = createServer((client) => {
    const session = (sessions += 1);
    const upstream = connect(Number(target.port || 5432), target.hostname);
    const read = readerOf((text) => said.push({ session, text }));
    client.on('data', (bytes: Buffer) => {
      read(bytes);
      upstream.write(bytes);
    });
    upstream.pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    take() {
      const taken = said;
      said = [];
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The statements that reach Postgres while `work` runs on a connection of its own, in their order. */
export async function sentDuring(url: string, work: (connection: Connection) => Promise<unknown>): Promise<string[]> {
  const log = await logStatements(url);
  try {
    const connection = connectDatabase(log.url, { max: 1 });
    await work(connection).finally(connection.close);
    return log.take().map(({ text }) => text);
  } finally {
    await log.close();
  }
}

/** Each that is not within `begin` and `commit` is a transaction of its own. */
export function transactionsOf(statements: readonly Statement[]): number {
  const inside = new Set<number>();
  let count = 0;
  for (const { session, text } of statements) {
    if (!inside.has(session)) count += 1;
    if (/^begin\b/i.test(text)) inside.add(session);
    if (/^(commit|rollback)$/i.test(text)) inside.delete(session);
  }
  return count;
}

/** The frontend's messages of one session, after its start-up message: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function readerOf(execute: (text: string) => void): (bytes: Buffer) => void {
  const prepared = new Map<string, string>();
  let isStarted = false;
  let bound = '';
  let rest = Buffer.alloc(0);
  const message = (type: string, body: Buffer): void => {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2);
    if (type === 'Q') execute(first);
    else if (type === 'P') prepared.set(first, second);
    else if (type === 'B') bound = second;
    else if (type === 'E') execute(prepared.get(bound) ?? '');
  };
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const header = isStarted ? 1 : 0;
      if (rest.length < header + 4) return;
      const length = header + rest.readInt32BE(header);
      if (rest.length < length) return;
      if (isStarted) message(rest.toString('latin1', 0, 1), rest.subarray(5, length));
      isStarted = true;
      rest = rest.subarray(length);
    }
  };
}
