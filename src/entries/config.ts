import { loadClientConnectConfig } from '@temporalio/envconfig';
import { resolve } from 'node:path';
import { z } from 'zod';
import { LANGUAGES } from '../base/language.js';
import { parseProxy, parseProxyExceptions } from '../channels/outward/proxy.js';
import { cacheFolder } from '../embedded/cache.js';
import { LOOPBACK_RANGES, endpointUrlProblem } from '../webhooks/address.js';

/** A setting that is missing or wrong: names the variable, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config_error';
}

const port = z.coerce.number().int().min(0).max(65_535);

const file = z
  .string()
  .min(1)
  .transform((name) => resolve(name));

const url = (isFit: (url: URL) => boolean, problem: string) =>
  z.string().refine((text) => URL.canParse(text) && isFit(new URL(text)), problem);

const publicUrl = url(({ protocol, hostname, search, hash }) => {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && loopback)) && search + hash === '';
}, 'must be an https URL (http on loopback only) without query or fragment');

/** Plain http too: an operator's machine and the server may share a private network. */
const plainUrl = url(
  ({ protocol, username, password, search, hash }) =>
    /^https?:$/.test(protocol) && username + password + search + hash === '',
  'must be an http or https URL without credentials, query or fragment',
);

const webhookUrl = z
  .string()
  .refine(
    (text) => endpointUrlProblem(text, LOOPBACK_RANGES) === undefined,
    'must be an https URL (http on this machine only) without credentials',
  );

const outboundProxy = z
  .string()
  .refine((text) => parseProxy(text, []) !== undefined, 'must be http://[user:password@]host:port, or https');

const proxyExceptions = z.string().transform((text, context) => {
  const parsed = parseProxyExceptions(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'must be host names with commas between them' });
  return z.NEVER;
});

/** Every variable but Temporal's own `TEMPORAL_*`. `docs/configuration.md` documents them; a test compares the two. */
const schema = z.object({
  DATABASE_URL: z.string().min(1).optional(),
  PAYSAGA_MERCHANTS: file.optional(),
  PAYSAGA_PUBLIC_URL: publicUrl.optional(),
  PAYSAGA_WEBHOOK_URL: webhookUrl.optional(),
  PAYSAGA_API_URL: plainUrl.optional(),
  PAYSAGA_OPERATOR_KEY: z.string().min(1).optional(),
  PAYSAGA_OUTBOUND_PROXY: outboundProxy.optional(),
  PAYSAGA_OUTBOUND_PROXY_EXCEPT: proxyExceptions.prefault(''),
  PAYSAGA_HOME: file.prefault('.paysaga'),
  PAYSAGA_CHECKOUT_KEY_FILE: file.optional(),
  PAYSAGA_TEMPORAL_UI_URL: plainUrl.optional(),
  PAYSAGA_LANGUAGE: z.enum(LANGUAGES).default('zh'),
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
export type Config = Readonly<ReturnType<typeof readConfig>>;

/** Reads and checks the environment once. Empty variables count as absent. Throws {@link ConfigError}. */
export function readConfig(environment: Environment = process.env) {
  const given: Environment = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`wrong setting: ${issues.join('; ')}`);
  }
  const env = parsed.data;
  const { PAYSAGA_DEPLOYMENT: name, PAYSAGA_BUILD_ID: buildId } = env;
  if ((name === undefined) !== (buildId === undefined)) {
    throw new ConfigError('PAYSAGA_DEPLOYMENT and PAYSAGA_BUILD_ID are set together');
  }
  return {
    environment: given,
    namesTemporal: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => name in given),
    embeddedNamespace: given['TEMPORAL_NAMESPACE'] ?? 'paysaga',
    databaseUrl: env.DATABASE_URL,
    merchantsFile: env.PAYSAGA_MERCHANTS,
    publicUrl: env.PAYSAGA_PUBLIC_URL?.replace(/\/$/, ''),
    /** Where the shop listens; goes into the merchants file that the embedded stack writes. */
    webhookUrl: env.PAYSAGA_WEBHOOK_URL,
    /** Where the command line finds the ingress, and as whom it acts there. */
    apiUrl: env.PAYSAGA_API_URL?.replace(/\/$/, ''),
    operatorKey: env.PAYSAGA_OPERATOR_KEY,
    /** On the way to WeChat Pay alone. */
    outboundProxy: parseProxy(env.PAYSAGA_OUTBOUND_PROXY ?? '', env.PAYSAGA_OUTBOUND_PROXY_EXCEPT),
    home: env.PAYSAGA_HOME,
    cacheDir: resolve(cacheFolder(given)),
    checkoutKeyFile: env.PAYSAGA_CHECKOUT_KEY_FILE,
    temporalUiUrl: env.PAYSAGA_TEMPORAL_UI_URL?.replace(/\/+$/, ''),
    language: env.PAYSAGA_LANGUAGE,
    logLevel: env.PAYSAGA_LOG_LEVEL,
    workers: env.PAYSAGA_WORKERS,
    workerHealthPort: env.PAYSAGA_WORKER_HEALTH_PORT,
    /** How long an ingress that was asked to stop still takes requests, while `/readyz` says no. */
    drainSeconds: env.PAYSAGA_DRAIN_SECONDS,
    deployment: name === undefined || buildId === undefined ? undefined : { name, buildId },
    host: env.HOST,
    port: env.PORT,
    /** Of a listener of its own for `/metrics`, `/ops` and `/docs`. */
    adminPort: env.PAYSAGA_ADMIN_PORT,
    /** Of the embedded services; 0 is any free one, the same again at the next start where it can be had. */
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
export function readTemporalConfig(environment: Environment) {
  const variables = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined);
  try {
    const profile = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(variables) });
    const namespace = environment['TEMPORAL_NAMESPACE'] ?? profile.namespace ?? 'paysaga';
    return { connection: profile.connectionOptions, namespace };
  } catch (cause) {
    // The SDK's message may quote a value.
    throw new ConfigError('wrong setting: TEMPORAL_* or the file at TEMPORAL_CONFIG_FILE cannot be read', { cause });
  }
}

export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ConfigError(`${name} is not set`);
  return value;
}
