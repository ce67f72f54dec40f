import { closeSync, createReadStream, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** To be handed to `store.write`. */
export interface Change {
  entry: JournalEntry;
  apply(): void;
}

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Rows live in memory and, with a folder, in its `journal.jsonl`. Throws when the journal cannot be read. */
export async function openStore(dir?: string) {
  const journal = await openJournal(dir);
  return {
    table<Row>(name: string, schema: z.ZodType<Row>) {
      const rows = new Map([...(journal.loaded.get(name) ?? [])].map(([id, row]) => [id, schema.parse(row)]));
      journal.loaded.delete(name);
      return {
        get: (id: string) => rows.get(id),
        /** In the order of first insertion. */
        values: () => rows.values(),
        /** `applied` is called once the change is written. */
        put: (id: string, row: Row, applied?: () => void): Change => ({
          entry: [name, id, row],
          apply() {
            rows.set(id, row);
            applied?.();
          },
        }),
      };
    },
    /** All of the changes or none survive a crash of this process: they are with the operating system when this returns. */
    write(...changes: Change[]) {
      journal.append(changes.map((change) => change.entry));
      for (const change of changes) change.apply();
    },
    close: () => journal.close(),
  };
}

type JournalEntry = [table: string, id: string, row: unknown];
type Tables = Map<string, Map<string, unknown>>;

interface Journal {
  loaded: Tables;
  append(entries: JournalEntry[]): void;
  close(): void;
}

/**
 * An append-only file of lines, each one group of changes, rewritten without its history at every start. A line is one
 * write(2) and so outlives a kill of this process; it is not synced to the disk, so it may not outlive the machine.
 */
async function openJournal(dir?: string): Promise<Journal> {
  if (dir === undefined) return { loaded: new Map(), append: () => undefined, close: () => undefined };
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'journal.jsonl');
  const loaded = existsSync(file) ? await read(file) : new Map<string, Map<string, unknown>>();
  rewrite(file, loaded);
  const descriptor = openSync(file, 'a', 0o600);
  return {
    loaded,
    append: (entries) => writeLine(descriptor, entries),
    close: () => closeSync(descriptor),
  };
}

const lineSchema = z.array(z.tuple([z.string(), z.string(), z.unknown()]));

async function read(file: string): Promise<Tables> {
  const tables: Tables = new Map();
  let torn: string | undefined;
  for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    if (torn !== undefined) throw new Error(`${file} has an unreadable line in its middle; it was changed by hand`);
    const entries = parseLine(line);
    if (!entries) torn = line; // a kill in the middle of a write tears only the last line, whose call was not answered
    for (const [table, id, row] of entries ?? []) {
      const rows = tables.get(table) ?? new Map<string, unknown>();
      tables.set(table, rows.set(id, row));
    }
  }
  return tables;
}

function parseLine(line: string): JournalEntry[] | undefined {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function rewrite(file: string, tables: Tables): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, 'w', 0o600);
  for (const [table, rows] of tables) {
    for (const [id, row] of rows) writeLine(descriptor, [[table, id, row]]);
  }
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, file);
}

function writeLine(descriptor: number, entries: JournalEntry[]): void {
  const bytes = Buffer.from(`${JSON.stringify(entries)}\n`);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}
