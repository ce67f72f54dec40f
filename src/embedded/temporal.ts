import { Connection, type ConnectionOptions } from '@temporalio/client';
import { poll, runsElsewhere, spawnService, type Life } from './children.js';
import { freePorts } from './machine.js';
import { findTemporal, type TemporalSource } from './temporal-binary.js';
import { ensureNamespace, ensureRetention, hasCode, NOT_FOUND, SEARCH_ATTRIBUTES } from './temporal-namespace.js';

export interface TemporalOptions extends TemporalSource {
  /** A server that already runs: nothing is started, its namespace is prepared. */
  address?: string;
  /** TLS, API key and metadata for `address`. */
  connection?: Omit<ConnectionOptions, 'address'>;
  namespace?: string | undefined;
  /** 0 or absent: a free port. */
  port?: number;
  uiPort?: number;
  ui?: boolean;
  /** SQLite file that keeps the state; absent, it lives in memory. */
  dbFile?: string;
  logFile?: string;
  /** Temporal's dynamic configuration, where it differs from production's. */
  settings?: Readonly<Record<string, number | boolean>>;
}

export interface TemporalServer extends Life {
  address: string;
  namespace: string;
  /** `null` without a UI, and for a server that was not started here. */
  uiUrl: string | null;
}

/**
 * A Temporal server that answers and has the namespace with its search attributes: the one at `address`, else a development
 * server on 127.0.0.1. Started again with the same ports and `dbFile` it goes on where it was, also after a kill.
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  if (options.address !== undefined) return external(options, options.address);
  const binary = await findTemporal(options);
  const anyPort = !options.port && !options.uiPort;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, binary);
    } catch (error) {
      // Another program took the free port before Temporal could.
      if (!anyPort || attempt === 3 || !/address already in use|can't set port/.test((error as Error).message))
        throw error;
    }
  }
}

const DEFAULT_NAMESPACE = 'paysaga';

async function external(options: TemporalOptions, address: string): Promise<TemporalServer> {
  const { namespace = DEFAULT_NAMESPACE } = options;
  const connection = await Connection.connect({ ...options.connection, address }).catch((error: unknown) => {
    throw new Error(`No Temporal server answers at ${address}`, { cause: error });
  });
  await ensureNamespace(connection, namespace).finally(() => connection.close());
  return { address, namespace, uiUrl: null, ...runsElsewhere };
}

async function startOnce(options: TemporalOptions, binary: string): Promise<TemporalServer> {
  const { namespace = DEFAULT_NAMESPACE } = options;
  const [port = 0, uiPort = 0, httpPort = 0, metricsPort = 0] = await freePorts(4);
  const ports = { port: options.port || port, uiPort: options.uiPort || uiPort, httpPort, metricsPort };
  const address = `127.0.0.1:${String(ports.port)}`;
  const service = await spawnService({
    name: 'Temporal',
    command: binary,
    args: serverArguments(options, namespace, ports),
    env: { PATH: options.env['PATH'], HOME: options.env['HOME'] },
    ready: (signal) => poll(() => prepare(address, namespace), signal),
    logFile: options.logFile,
  });
  const uiUrl = options.ui === false ? null : `http://127.0.0.1:${String(ports.uiPort)}`;
  return { address, namespace, uiUrl, ...service };
}

type Ports = Record<'port' | 'uiPort' | 'httpPort' | 'metricsPort', number>;

function serverArguments(options: TemporalOptions, namespace: string, ports: Ports): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--namespace', namespace],
    ...['--port', String(ports.port), '--http-port', String(ports.httpPort)],
    ...['--metrics-port', String(ports.metricsPort)],
    ...(options.ui === false ? ['--headless'] : ['--ui-port', String(ports.uiPort)]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...(options.dbFile === undefined ? [] : ['--db-filename', options.dbFile]),
    ...Object.entries(options.settings ?? {}).flatMap((it) => ['--dynamic-config-value', it.join('=')]),
    ...['--log-level', 'error', '--log-format', 'json'],
    // A person's own client settings are not for this server.
    ...['--disable-config-env', '--disable-config-file'],
  ];
}

async function prepare(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  const prepared = ensureNamespace(connection, namespace).then(() => ensureRetention(connection, namespace));
  await prepared.finally(() => connection.close());
}

type Place = Pick<TemporalServer, 'address' | 'namespace'>;

/** Rejects unless the server can read its store: it may have lost that and yet have its port open. */
export async function temporalWorks({ address, namespace }: Place): Promise<void> {
  // Without interceptors the client repeats nothing: the caller asks again by itself.
  const connection = await Connection.connect({ address, connectTimeout: ANSWERS_WITHIN_MS, interceptors: [] });
  try {
    const execution = { workflowId: 'nobody/has/this' };
    await connection.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
      connection.workflowService.describeWorkflowExecution({ namespace, execution }),
    );
  } catch (error) {
    if (!hasCode(error, NOT_FOUND)) throw error;
  } finally {
    await connection.close();
  }
}

const ANSWERS_WITHIN_MS = 30_000;
