import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import { withLock } from '../../src/embedded/cache.js';
import { findOnPath } from '../../src/embedded/find-on-path.js';

type ServerOptions = NonNullable<TimeSkippingTestWorkflowEnvironmentOptions['server']>;
export type TimeSkippingExecutable = NonNullable<ServerOptions['executable']>;

export interface TimeSkippingSource {
  cacheDir: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where the SDK downloads from; asked first whether it answers. */
  downloadUrl?: string;
  onProgress: (line: string) => void;
}

const VERSION = '1.31.0';

/**
 * What to give to `TestWorkflowEnvironment.createTimeSkipping({ server: { executable } })`: the SDK's own download
 * where it can be reached, else the Java test server from Maven. `undefined`, said through `onProgress`, when neither
 * can be had; the tests that need it are skipped then.
 */
export async function timeSkippingServer(source: TimeSkippingSource): Promise<TimeSkippingExecutable | undefined> {
  const folder = join(source.cacheDir, `temporal-test-server-${VERSION}`);
  const script = join(folder, 'server', 'run');
  const java = await findOnPath('java', source.env);
  if (java !== undefined && (await exists(script))) return { type: 'existing-path', path: script };
  if (await answers(source.downloadUrl ?? 'https://temporal.download')) {
    return { type: 'cached-download', downloadDir: source.cacheDir, ttl: '30 days' };
  }
  const maven = await findOnPath('mvn', source.env);
  if (java === undefined || maven === undefined) return unavailable(source, 'no download, and no java and mvn on PATH');
  const wait = () => source.onProgress('Waiting for another process that fetches the time-skipping server');
  try {
    await withLock(join(folder, 'lock'), () => fetchWithMaven(maven, folder, source), wait);
    return { type: 'existing-path', path: script };
  } catch (error) {
    return unavailable(source, (error as Error).message);
  }
}

function unavailable(source: TimeSkippingSource, reason: string): Promise<undefined> {
  source.onProgress(`Tests of days are skipped, there is no time-skipping server: ${reason}`);
  return Promise.resolve(undefined);
}

async function fetchWithMaven(maven: string, folder: string, source: TimeSkippingSource): Promise<void> {
  const target = join(folder, 'server');
  if (await exists(join(target, 'run'))) return;
  source.onProgress(`Fetching io.temporal:temporal-test-server:${VERSION} with Maven`);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'fetch-'));
  try {
    await writeFile(join(work, 'pom.xml'), POM);
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(work, 'lib')}`, '-DincludeScope=runtime'];
    await promisify(execFile)(maven, ['-q', '-B', '-f', join(work, 'pom.xml'), ...goal], { env: source.env });
    await writeFile(join(work, 'run'), SCRIPT);
    await chmod(join(work, 'run'), 0o755);
    await rename(work, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const SCRIPT = `#!/bin/sh
exec java -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>paysaga</groupId>
  <artifactId>time-skipping</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
