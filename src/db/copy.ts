import type { Sql } from 'postgres';
import type { Tx } from './connection.js';
import { guarded } from './failure.js';

/** One column of COPY's text format; null is `\N`. */
export type CopyValue = string | number | Date | null;

/** One line of COPY's text format, with its end. */
export const copyRow = (values: readonly CopyValue[]): string => `${values.map(copyValue).join('\t')}\n`;

function copyValue(value: CopyValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value.toISOString();
  return SPECIAL.test(value) ? value.replace(EACH_SPECIAL, (character) => ESCAPED[character] ?? '') : value;
}

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = new RegExp(SPECIAL, 'g');
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Adds rows to `target` (a table with its columns, as SQL) in one COPY: all of them, or it throws and the transaction is over. */
export async function copyInto(tx: Tx, target: string, rows: string): Promise<void> {
  const client = driverOf(tx);
  await guarded(async () => {
    const copy = client.unsafe(`copy ${target} from stdin`);
    const stream = await copy.writable();
    // The driver ends the query's promise when the stream opens, and tells nobody how the COPY ended.
    const ended = new Promise<unknown>((resolve, reject) => void Object.assign(copy, { resolve, reject }));
    // Destroyed because the connection is lost, it would write to the socket that is gone, and end the process.
    Object.assign(stream, { _destroy: (error: Error | null, done: (error: Error | null) => void) => done(error) });
    stream.on('error', () => undefined);
    stream.end(rows);
    await ended;
  });
}

type Driver = Pick<Sql, 'unsafe'>;

function driverOf({ _: { session } }: Tx): Driver {
  const client: unknown = Reflect.get(session, 'client');
  if (!isDriver(client)) throw new Error('COPY needs the driver itself');
  return client;
}

const isDriver = (client: unknown): client is Driver => typeof client === 'function' && 'unsafe' in client;
