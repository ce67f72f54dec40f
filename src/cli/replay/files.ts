import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFromProtoJson } from '../../temporal/history.js';
import { CliFailure, EXIT } from '../exit.js';
import type { StoredHistory } from './run.js';

/** Where a checkout keeps them. */
const DEFAULT = 'test/fixtures/histories';

/** The files that are named, and those of the folders that are named, by their names. */
export async function historyFiles(named: readonly string[]): Promise<string[]> {
  const paths = named.length === 0 ? [DEFAULT] : named;
  const files = (await Promise.all(paths.map(filesOf))).flat();
  if (files.length === 0) throw new CliFailure(EXIT.usage, `no histories (*.json) in ${paths.join(', ')}`);
  return files;
}

export async function* storedHistories(files: readonly string[]): AsyncIterable<StoredHistory> {
  for (const file of files) yield { name: file, history: await historyOf(file) };
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CliFailure(EXIT.usage, `there is no ${path}: name files or folders of histories`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(path, name));
}

async function historyOf(file: string): Promise<StoredHistory['history']> {
  try {
    const history = historyFromProtoJson(JSON.parse(await readFile(file, 'utf8')));
    if ((history.events?.length ?? 0) > 0) return history;
  } catch {
    // What it says instead is nobody's business here.
  }
  throw new CliFailure(EXIT.failed, `${file} is not a history in JSON, as Temporal's tools write it`);
}
