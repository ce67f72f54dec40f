import { execFile } from 'node:child_process';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './cache.js';
import { findOnPath } from './find-on-path.js';
import { buildTemporal } from './temporal-build.js';
import { downloadTemporal } from './temporal-download.js';

/** The newest tag that `go install` builds: later ones have a `replace` in their go.mod. Server 1.29.1, UI 2.42.1. */
export const TEMPORAL_VERSION = '1.5.1';
const OLDEST_SERVER = [1, 29] as const;

export interface TemporalSource {
  /** Where `temporal` and `go` are looked for (`PATH`), and what `go install` is run with. */
  env: Readonly<Record<string, string | undefined>>;
  /** Keeps the program between runs, one folder a version. */
  cacheDir: string;
  downloadUrl?: string;
  onProgress: (line: string) => void;
}

/**
 * The path of a `temporal` program: from PATH when its server is new enough, else from the cache, which is filled by
 * download or, when that fails, by `go install`. Processes that ask at the same time fill it once.
 */
export async function findTemporal(source: TemporalSource): Promise<string> {
  const onPath = await findOnPath('temporal', source.env);
  if (onPath !== undefined && (await isUsable(onPath))) return onPath;
  const folder = join(source.cacheDir, `temporal-${TEMPORAL_VERSION}-${platform()}-${arch()}`);
  const cached = join(folder, 'temporal');
  if (await isUsable(cached)) return cached;
  const wait = () => source.onProgress('Waiting for another process that is fetching Temporal');
  return withLock(join(folder, 'lock'), () => fill(source, cached), wait);
}

async function fill(source: TemporalSource, cached: string): Promise<string> {
  if (await isUsable(cached)) return cached;
  const failures: Error[] = [];
  for (const fetchTo of [downloadTemporal, buildTemporal]) {
    try {
      await fetchTo(source, TEMPORAL_VERSION, cached);
      if (await isUsable(cached)) return cached;
      failures.push(new Error(`${cached} does not run as a Temporal server`));
    } catch (error) {
      source.onProgress((error as Error).message);
      failures.push(error as Error);
    }
  }
  throw new AggregateError(
    failures,
    'No Temporal server. Three ways out: set TEMPORAL_ADDRESS to one that runs; install the Temporal CLI ' +
      `(server ${OLDEST_SERVER.join('.')} or newer) so that \`temporal\` is on PATH; or allow it to be fetched, over the ` +
      `network from temporal.download or with Go installed. Tried: ${failures.map((failure) => failure.message).join('; ')}`,
  );
}

async function isUsable(path: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000 });
    return serverIsNewEnough(stdout);
  } catch {
    return false;
  }
}

/** Reads the answer of `temporal --version`, such as `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
export function serverIsNewEnough(versionLine: string): boolean {
  const [, major = '0', minor = '0'] = /\(Server (\d+)\.(\d+)\./.exec(versionLine) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_SERVER;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}
