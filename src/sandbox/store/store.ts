import type { z } from 'zod';
import { openJournal, type JournalEntry } from './journal.js';

export interface Table<Row> {
  get(id: string): Row | undefined;
  /** In the order of first insertion. */
  values(): IterableIterator<Row>;
  /** One change, to be handed to `store.write`. */
  put(id: string, row: Row): Change;
}

export interface Change {
  entry: JournalEntry;
  apply(): void;
}

export interface Store {
  table<Row>(name: string, schema: z.ZodType<Row>): Table<Row>;
  /** All of the changes or none survive a crash; they are with the operating system when this returns. */
  write(...changes: Change[]): void;
  close(): void;
}

/** Rows live in memory and, with a folder, in its `journal.jsonl`. Throws when the journal cannot be read. */
export async function openStore(dir?: string): Promise<Store> {
  const journal = await openJournal(dir);
  return {
    table(name, schema) {
      const rows = new Map([...(journal.loaded.get(name) ?? [])].map(([id, row]) => [id, schema.parse(row)]));
      journal.loaded.delete(name);
      return {
        get: (id) => rows.get(id),
        values: () => rows.values(),
        put: (id, row) => ({ entry: [name, id, row], apply: () => void rows.set(id, row) }),
      };
    },
    write(...changes) {
      journal.append(changes.map((change) => change.entry));
      for (const change of changes) change.apply();
    },
    close: () => journal.close(),
  };
}
