import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { InternalConnectionOptionsSymbol } from '@temporalio/client/lib/connection.js';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { TestWorkflowEnvironment, type TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import { withLock } from '../../src/embedded/cache.js';
import { spawnService, poll } from '../../src/embedded/children.js';
import { findOnPath, freePorts } from '../../src/embedded/machine.js';

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

export interface TimeSkippingServer {
  address: string;
  connection: Connection;
  /** The server's time. */
  nowMs(): Promise<number>;
  /** Lets the server's time pass at once. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * What {@link startTimeSkipping} starts: the SDK's own download where it can be reached, else the Java test server from
 * Maven. `undefined`, said through `onProgress`, when neither
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

/** Starts it. The SDK gives a server five seconds, which Java does not keep on a busy machine; so Java is started here. */
export async function startTimeSkipping(executable: TimeSkippingExecutable): Promise<TimeSkippingServer> {
  if (executable.type === 'existing-path') return startJava(executable.path);
  const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  const { address, connection } = environment;
  return { address, connection, ...timeOf(connection), stop: () => environment.teardown() };
}

async function startJava(script: string): Promise<TimeSkippingServer> {
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${String(port)}`;
  const connect = () => Connection.connect({ address, channelArgs, ...withTestService });
  let connection: Connection | undefined;
  const service = await spawnService({
    name: 'The time-skipping server',
    command: script,
    args: [String(port)],
    // A server that lives for seconds is not worth the second compiler, nor a second thread that collects.
    env: { ...process.env, JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' },
    ready: async (signal) => void (connection = await poll(connect, signal)),
    readyTimeoutMs: 300_000,
  });
  if (connection === undefined) throw new Error('a ready server has a connection');
  const open = connection;
  return {
    address,
    connection: open,
    ...timeOf(open),
    async stop() {
      await open.close();
      await service.stop();
    },
  };
}

/** A ping for each half minute of a long call is too many for this server: it ends the connection, and the call is lost. */
const channelArgs = { 'grpc.keepalive_time_ms': 3_600_000 };

const withTestService = { [InternalConnectionOptionsSymbol]: { supportsTestService: true } };

function timeOf({ testService }: Connection): Pick<TimeSkippingServer, 'nowMs' | 'pass'> {
  if (testService === undefined) throw new Error('a server without time to skip');
  return {
    nowMs: async () => tsToMs((await testService.getCurrentTime({})).time),
    async pass(ms) {
      await testService.unlockTimeSkippingWithSleep({ duration: msToTs(ms) });
    },
  };
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
