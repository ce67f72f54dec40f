import { connect, type Connection } from '../../src/db/connection.js';

/** The statements that leave for Postgres while `work` runs on a connection of its own, in their order. */
export async function sentDuring(url: string, work: (connection: Connection) => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const connection = connect(url, { max: 1 });
  // A session takes its options from these when it opens.
  connection.sql.options.debug = (_, query) => void sent.push(query);
  await work(connection).finally(connection.close);
  return sent;
}
