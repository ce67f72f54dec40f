import { readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { historyFromProtoJson, historyToProtoJson } from '../../src/temporal/history.js';
import type { History, HistoryEvent } from './history.js';

export const FOLDER = fileURLToPath(new URL('../fixtures/histories/', import.meta.url));

export type StoredHistory = { readonly name: string; readonly history: History };

export async function storedHistories(): Promise<StoredHistory[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const json: unknown = JSON.parse(await readFile(`${FOLDER}${file}`, 'utf8'));
      return { name: file.slice(0, -'.json'.length), history: historyFromProtoJson(json) };
    }),
  );
}

/** Keeps what replay needs and nothing of the machine it was recorded on. */
export async function storeHistory(name: string, events: readonly HistoryEvent[]): Promise<void> {
  const json = JSON.stringify(historyToProtoJson({ events: [...events] }), withoutMachine, 1);
  await writeFile(`${FOLDER}${name}.json`, `${json.replaceAll(MACHINE, 'worker')}\n`);
}

const MACHINE = new RegExp(`\\d+@${hostname().replaceAll(/[^\w]/g, '\\$&')}`, 'g');

function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  return key === 'stackTrace' ? '' : value;
}
