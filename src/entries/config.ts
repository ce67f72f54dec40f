import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Language } from '../base/language.js';
import { LOOPBACK_RANGES, endpointUrlProblem } from '../webhooks/address.js';

/** A setting that is missing or wrong: names the variable, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_error';
}

const port = z.coerce.number().int().min(0).max(65_535);

const publicUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && loopback)) && search === '' && hash === '';
}, 'must be an https URL (http on loopback only) without query or fragment');

/** Plain http too: the command line and the ingress may share a private network. */
const apiUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}, 'must be an http or https URL without credentials, query or fragment');

/** Only linked to from the operator's pages, never asked for anything. */
const temporalUiUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  return ['https:', 'http:'].includes(protocol) && username + search + hash === '';
}, 'must be an http or https URL without credentials, query or fragment');

const webhookUrl = z
  .string()
  .refine(
    (text) => endpointUrlProblem(text, LOOPBACK_RANGES) === undefined,
    'must be an https URL (http on this machine only) without credentials',
  );

/** Every variable PaySaga reads, but for Temporal's own `TEMPORAL_*`. Documented in README's table, which a test compares. */
const schema = z.object({
  DATABASE_URL: z.string().min(1).optional(),
  PAYSAGA_MERCHANTS: z.string().min(1).optional(),
  PAYSAGA_PUBLIC_URL: publicUrl.optional(),
  PAYSAGA_WEBHOOK_URL: webhookUrl.optional(),
  PAYSAGA_API_URL: apiUrl.optional(),
  PAYSAGA_OPERATOR_KEY: z.string().min(1).optional(),
  PAYSAGA_HOME: z.string().min(1).default('.paysaga'),
  PAYSAGA_CHECKOUT_KEY_FILE: z.string().min(1).optional(),
  PAYSAGA_TEMPORAL_UI_URL: temporalUiUrl.optional(),
  PAYSAGA_LANGUAGE: z.enum(['zh', 'en']).default('zh'),
  PAYSAGA_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  PAYSAGA_WORKERS: z.coerce.number().int().min(1).default(1),
  PAYSAGA_WORKER_HEALTH_PORT: port.optional(),
  PAYSAGA_DRAIN_SECONDS: z.coerce.number().int().min(0).max(3_600).default(5),
  PAYSAGA_DEPLOYMENT: z.string().min(1).optional(),
  PAYSAGA_BUILD_ID: z.string().min(1).optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(8080),
  PAYSAGA_ADMIN_PORT: port.optional(),
  PAYSAGA_SANDBOX_PORT: port.default(8090),
  PAYSAGA_TEMPORAL_PORT: port.default(7233),
  PAYSAGA_TEMPORAL_UI_PORT: port.default(8233),
  PAYSAGA_POSTGRES_PORT: port.default(0),
});

const TEMPORAL_NAMES = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
] as const;

export const environmentNames: readonly string[] = [...Object.keys(schema.shape), ...TEMPORAL_NAMES];

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the processes share; paths are absolute. */
export type Config = {
  readonly environment: Environment;
  readonly databaseUrl: string | undefined;
  readonly merchantsFile: string | undefined;
  readonly publicUrl: string | undefined;
  /** Where the shop listens; goes into the merchants file that the embedded stack writes. */
  readonly webhookUrl: string | undefined;
  /** Where the command line finds the ingress, and as whom it acts there. */
  readonly apiUrl: string | undefined;
  readonly operatorKey: string | undefined;
  readonly home: string;
  readonly cacheDir: string;
  readonly checkoutKeyFile: string | undefined;
  /** Where operators find the Temporal UI, without a slash at the end. */
  readonly temporalUiUrl: string | undefined;
  readonly language: Language;
  readonly logLevel: string;
  readonly workers: number;
  readonly workerHealthPort: number | undefined;
  /** How long an ingress that was asked to stop still takes requests, while `/readyz` says no. */
  readonly drainSeconds: number;
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
  readonly host: string;
  readonly port: number;
  /** Of a listener of its own for `/metrics`, `/ops` and `/docs`. */
  readonly adminPort: number | undefined;
  /** Of the embedded services; 0 is any free one, the same again at the next start where it can be had. */
  readonly ports: {
    readonly api: number;
    readonly sandbox: number;
    readonly temporal: number;
    readonly temporalUi: number;
    readonly postgres: number;
    /** The worker's health and metrics. */
    readonly worker: number;
    /** Of the listener for operators, where {@link Config.adminPort} asks for one. */
    readonly admin: number;
  };
};

/** Reads and checks the environment once. Empty variables count as absent. Throws {@link ConfigError}. */
export function readConfig(environment: Environment = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`wrong setting: ${issues.join('; ')}`);
  }
  const env = parsed.data;
  if ((env.PAYSAGA_DEPLOYMENT === undefined) !== (env.PAYSAGA_BUILD_ID === undefined)) {
    throw new ConfigError('PAYSAGA_DEPLOYMENT and PAYSAGA_BUILD_ID are set together');
  }
  return {
    environment: given,
    databaseUrl: env.DATABASE_URL,
    merchantsFile: env.PAYSAGA_MERCHANTS === undefined ? undefined : resolve(env.PAYSAGA_MERCHANTS),
    publicUrl: env.PAYSAGA_PUBLIC_URL?.replace(/\/$/, ''),
    webhookUrl: env.PAYSAGA_WEBHOOK_URL,
    apiUrl: env.PAYSAGA_API_URL?.replace(/\/$/, ''),
    operatorKey: env.PAYSAGA_OPERATOR_KEY,
    home: resolve(env.PAYSAGA_HOME),
    cacheDir: resolve(given['XDG_CACHE_HOME'] ?? resolve(homedir(), '.cache'), 'paysaga'),
    checkoutKeyFile: env.PAYSAGA_CHECKOUT_KEY_FILE === undefined ? undefined : resolve(env.PAYSAGA_CHECKOUT_KEY_FILE),
    temporalUiUrl: env.PAYSAGA_TEMPORAL_UI_URL?.replace(/\/+$/, ''),
    language: env.PAYSAGA_LANGUAGE,
    logLevel: env.PAYSAGA_LOG_LEVEL,
    workers: env.PAYSAGA_WORKERS,
    workerHealthPort: env.PAYSAGA_WORKER_HEALTH_PORT,
    drainSeconds: env.PAYSAGA_DRAIN_SECONDS,
    deployment: deploymentOf(env.PAYSAGA_DEPLOYMENT, env.PAYSAGA_BUILD_ID),
    host: env.HOST,
    port: env.PORT,
    adminPort: env.PAYSAGA_ADMIN_PORT,
    ports: {
      api: env.PORT,
      sandbox: env.PAYSAGA_SANDBOX_PORT,
      temporal: env.PAYSAGA_TEMPORAL_PORT,
      temporalUi: env.PAYSAGA_TEMPORAL_UI_PORT,
      postgres: env.PAYSAGA_POSTGRES_PORT,
      worker: env.PAYSAGA_WORKER_HEALTH_PORT ?? 0,
      admin: env.PAYSAGA_ADMIN_PORT ?? 0,
    },
  };
}

/** Temporal's own environment (TLS, API key, namespace, profiles), read by its own rules; our namespace is `paysaga`. */
export function readTemporalConfig(environment: Environment = process.env): {
  readonly connection: ClientConnectConfig['connectionOptions'];
  readonly namespace: string;
} {
  const { namespace, connectionOptions } = temporalProfile(environment);
  return { connection: connectionOptions, namespace: environment['TEMPORAL_NAMESPACE'] ?? namespace ?? 'paysaga' };
}

/** Whether the environment names a Temporal server; where it does not, that of an embedded stack that runs is meant. */
export const namesTemporal = (environment: Environment): boolean =>
  ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => name in environment);

/** The namespace of the embedded stack's Temporal. */
export const embeddedNamespace = (environment: Environment): string => environment['TEMPORAL_NAMESPACE'] ?? 'paysaga';

function temporalProfile(environment: Environment): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: defined(environment) });
  } catch (cause) {
    // What it found may be quoted in its message.
    throw new ConfigError('wrong setting: TEMPORAL_* or the file at TEMPORAL_CONFIG_FILE cannot be read', { cause });
  }
}

export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ConfigError(`${name} is not set`);
  return value;
}

function deploymentOf(name: string | undefined, buildId: string | undefined): Config['deployment'] {
  return name === undefined || buildId === undefined ? undefined : { name, buildId };
}

const defined = (environment: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));
