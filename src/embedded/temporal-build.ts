import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findOnPath } from './find-on-path.js';
import type { TemporalSource } from './temporal-binary.js';

const PROGRESS_EVERY_MS = 10_000;

/** Builds the program with `go install` and puts it at `target` by a rename. Takes minutes the first time. */
export async function buildTemporal(source: TemporalSource, version: string, target: string): Promise<void> {
  const go = await findOnPath('go', source.env);
  if (go === undefined) throw new Error('Temporal cannot be built: no `go` on PATH');
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(join(dirname(target), 'build-'));
  try {
    await install(go, `github.com/temporalio/cli/cmd/temporal@v${version}`, work, source);
    await rename(join(work, 'temporal'), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function install(go: string, module: string, bin: string, source: TemporalSource): Promise<void> {
  const startedAt = Date.now();
  const elapsed = () => `${String(Math.round((Date.now() - startedAt) / 1_000))} s`;
  source.onProgress(`Building Temporal with go install ${module}; about three minutes, once`);
  const timer = setInterval(() => source.onProgress(`Building Temporal: ${elapsed()}`), PROGRESS_EVERY_MS);
  try {
    await run(go, ['install', module], { ...source.env, GOBIN: bin });
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
