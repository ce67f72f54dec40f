import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { TemporalSource } from './temporal-binary.js';

const DOWNLOAD_URL = 'https://temporal.download';
const TIMEOUT_MS = 600_000;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Fetches the release's archive and puts the program at `target` by a rename, so that `target` is whole or absent. */
export async function downloadTemporal(source: TemporalSource, version: string, target: string): Promise<void> {
  const query = `platform=${platform()}&arch=${ARCHITECTURES[arch()] ?? arch()}`;
  const url = `${source.downloadUrl ?? DOWNLOAD_URL}/cli/archive/v${version}?${query}`;
  source.onProgress(`Downloading Temporal ${version} from ${new URL(url).host}`);
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), 'download-'));
  try {
    const archive = join(work, 'temporal.tar.gz');
    await download(url, archive, source.onProgress);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', work, 'temporal']);
    await chmod(join(work, 'temporal'), 0o755);
    await rename(join(work, 'temporal'), target);
  } catch (error) {
    throw new Error(`The download of Temporal failed: ${reason(error)}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function download(url: string, file: string, onProgress: (line: string) => void): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${String(response.status)}`);
  const total = Number(response.headers.get('content-length') ?? 0);
  await pipeline(Readable.fromWeb(response.body), counter(total, onProgress), createWriteStream(file));
}

/** Says how far it is, every tenth of the whole. */
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

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
