import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { withLock } from './cache.js';
import { findOnPath } from './machine.js';

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

/** From PATH when its server is new enough, else from the cache, which a download fills or, failing that, `go install`. */
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
  for (const fetchInto of [download, build]) {
    try {
      await putInPlace(cached, (work) => fetchInto(source, work));
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

/** The program is fetched into a folder beside `target` and renamed, so that `target` is whole or absent. */
async function putInPlace(target: string, fetchInto: (work: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), 'fetch-'));
  try {
    await fetchInto(work);
    await rename(join(work, 'temporal'), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const DOWNLOAD_URL = 'https://temporal.download';
const DOWNLOAD_TIMEOUT_MS = 600_000;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

async function download(source: TemporalSource, work: string): Promise<void> {
  const query = `platform=${platform()}&arch=${ARCHITECTURES[arch()] ?? arch()}`;
  const url = `${source.downloadUrl ?? DOWNLOAD_URL}/cli/archive/v${TEMPORAL_VERSION}?${query}`;
  source.onProgress(`Downloading Temporal ${TEMPORAL_VERSION} from ${new URL(url).host}`);
  try {
    const archive = join(work, 'temporal.tar.gz');
    await downloadFile(url, archive, source.onProgress);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', work, 'temporal']);
    await chmod(join(work, 'temporal'), 0o755);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message} (${cause.message})` : message;
    throw new Error(`The download of Temporal failed: ${reason}`, { cause: error });
  }
}

async function downloadFile(url: string, file: string, onProgress: (line: string) => void): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${String(response.status)}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  await pipeline(Readable.fromWeb(response.body), counter(total, onProgress), createWriteStream(file));
}

function counter(total: number, onProgress: (line: string) => void): Transform {
  let received = 0;
  let tenths = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      const now = total > 0 ? Math.floor((received * 10) / total) : 0;
      if (now > tenths) {
        tenths = now;
        onProgress(`Downloading Temporal: ${String(now * 10)} %`);
      }
      done(null, chunk);
    },
  });
}

const PROGRESS_EVERY_MS = 10_000;

async function build(source: TemporalSource, work: string): Promise<void> {
  const go = await findOnPath('go', source.env);
  if (go === undefined) throw new Error('Temporal cannot be built: no `go` on PATH');
  const module = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`;
  const startedAt = Date.now();
  const elapsed = () => `${String(Math.round((Date.now() - startedAt) / 1_000))} s`;
  source.onProgress(`Building Temporal with go install ${module}; about three minutes, once`);
  const timer = setInterval(() => source.onProgress(`Building Temporal: ${elapsed()}`), PROGRESS_EVERY_MS);
  try {
    await run(go, ['install', module], { ...source.env, GOBIN: work });
    source.onProgress(`Temporal built in ${elapsed()}`);
  } catch (error) {
    throw new Error(`go install ${module} failed: ${(error as Error).message}`, { cause: error });
  } finally {
    clearInterval(timer);
  }
}

function run(command: string, args: readonly string[], env: TemporalSource['env']): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString('utf8')).slice(-2_000)));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(errors.trim()))));
  });
}
