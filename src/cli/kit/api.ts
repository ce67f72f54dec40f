import { z } from 'zod';
import { parseJson } from '../../base/parse-json.js';
import { CliFailure, EXIT, type CliEnvironment } from './command.js';
import { devFileOf, readDevFile } from './dev-file.js';
import type { ApiOptions } from './options.js';
import { plain, writeJson } from './output.js';

type Query = Readonly<Record<string, string | number | undefined>>;
type Answer = { readonly status: number; readonly body: unknown };

/** The ingress, called as one operator about one merchant. Throws {@link CliFailure} for its refusals. */
export type Api = {
  /** Without a slash at the end. */
  readonly url: string;
  /** The merchant that is asked about; absent where the key has only one. */
  readonly mchid: string | undefined;
  /** The embedded stack, where it is the one that is asked. */
  readonly dev: Awaited<ReturnType<typeof readDevFile>>;
  /** The key acts for merchants of a sandbox. */
  readonly isTest: boolean;
  get(path: string, query?: Query): Promise<unknown>;
  post(path: string, body: unknown): Promise<Answer>;
  /** A stream of server-sent events, from after an event on; it lasts until the signal. */
  stream(path: string, query: Query, options: StreamOptions): Promise<ReadableStream<Uint8Array>>;
};

type StreamOptions = { readonly lastEventId: string | undefined; readonly signal: AbortSignal };

const TIMEOUT_MS = 15_000;

/** Address and key come from the environment, else from the running embedded stack. */
export async function openApi(env: CliEnvironment, options: ApiOptions): Promise<Api> {
  const { url, key, mchid, dev } = await access(env);
  const chosen = options.mchid ?? mchid;
  const { timeoutMs = TIMEOUT_MS } = env.config;
  const ask = (path: string, query: Query, init: RequestInit, headers = {}): Promise<Answer> =>
    request(urlOf(url, path, { mchid: chosen, ...query }), {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
  return {
    ...{ url, mchid: chosen, dev, isTest: key.startsWith(TEST_KEY) },
    get: async (path, query = {}) => (await ask(path, query, { method: 'GET' })).body,
    post: (path, body) => ask(path, {}, { method: 'POST', body: JSON.stringify(body) }, JSON_BODY),
    stream: (path, query, { lastEventId, signal }) =>
      opened(urlOf(url, path, { mchid: chosen, ...query }), {
        headers: {
          authorization: `Bearer ${key}`,
          accept: 'text/event-stream',
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        redirect: 'manual',
        signal,
      }),
  };
}

/** Of a key that was made for merchants whose gateway is a sandbox. */
const TEST_KEY = 'psk_test_';

const JSON_BODY = { 'content-type': 'application/json' };

export function writeAnswer<T>(
  env: CliEnvironment,
  json: true | undefined,
  body: unknown,
  schema: z.ZodType<T>,
  write: (answer: T) => void,
): void {
  if (json === true) writeJson(env, body);
  else write(parsed(schema, body));
}

export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join('.') ?? '';
  throw new CliFailure(EXIT.failed, `the API's answer cannot be read (${field}): is the ingress of this version?`);
}

/** The embedded stack's own key is sent to that stack alone. */
async function access({ config }: CliEnvironment) {
  const dev = await readDevFile(config.home);
  const url = config.apiUrl ?? dev?.apiUrl;
  if (url === undefined) {
    const file = devFileOf(config.home);
    throw new CliFailure(EXIT.unreachable, `set PAYSAGA_API_URL, or start PaySaga with npm start: there is no ${file}`);
  }
  const isDev = url === dev?.apiUrl;
  const key = config.operatorKey ?? (isDev ? dev.operatorKey : undefined);
  if (key === undefined)
    throw new CliFailure(EXIT.usage, 'set PAYSAGA_OPERATOR_KEY: an operator has a key of their own');
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CliFailure(EXIT.usage, 'PAYSAGA_OPERATOR_KEY is not a key');
  const own = isDev && config.operatorKey === undefined ? dev.mchid : undefined;
  return { url, key, mchid: own, dev: isDev ? dev : undefined };
}

function urlOf(base: string, path: string, query: Query): URL {
  const url = new URL(`${base}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

async function request(url: URL, init: RequestInit): Promise<Answer> {
  const { status, text } = await sent(url, init);
  const answer = parseJson(text);
  if (status < 200 || status > 299) throw refusal(url, status, answer);
  if (answer === undefined) throw new CliFailure(EXIT.failed, `${url.origin} does not answer in JSON: is it PaySaga?`);
  return { status, body: answer };
}

async function opened(url: URL, init: RequestInit): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url, init).catch((error: unknown) => {
    throw unreachable(url, error);
  });
  if (!response.ok) throw refusal(url, response.status, parseJson(await response.text().catch(() => '')));
  if (response.body === null) throw new CliFailure(EXIT.failed, `${url.origin} answers without a stream`);
  return response.body;
}

const unreachable = (url: URL, error: unknown): CliFailure =>
  new CliFailure(EXIT.unreachable, `${url.origin} cannot be reached (${whyOf(error)})`);

async function sent(url: URL, init: RequestInit): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw unreachable(url, error);
  }
}

/** The system's code alone: a message could quote the request. */
export function whyOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return 'no answer in time; what was asked for may still happen';
  }
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection failed';
}

const problemSchema = z.object({ code: z.string(), detail: z.string(), requestId: z.string() });

function refusal(url: URL, status: number, body: unknown): CliFailure {
  const exitCode = status >= 502 && status <= 504 ? EXIT.unreachable : EXIT.failed;
  const problem = problemSchema.safeParse(body).data;
  if (problem === undefined) return new CliFailure(exitCode, `${url.origin} answers with HTTP ${status}`);
  const detail = problem.detail.replace('"?mchid="', '--mchid');
  return new CliFailure(exitCode, plain(`${problem.code}: ${detail} (request ${problem.requestId})`));
}

/** PaySaga's own numbers hold `*` and `@`. */
export const orderPath = (orderNo: string, call = ''): string => `/v1/orders/${encodeURIComponent(orderNo)}${call}`;

export const refundPath = (refundNo: string, call = ''): string => `/v1/refunds/${encodeURIComponent(refundNo)}${call}`;

const LARGEST_PAGE = 200;

const pageSchema = z.looseObject({ items: z.array(z.unknown()), nextCursor: z.string().nullable() });

/** Behind the count of a list that is not whole. */
export const moreOf = ({ nextCursor }: { readonly nextCursor: string | null }): string =>
  nextCursor === null ? '' : '; there are more, see --all';

export async function listed(api: Api, path: string, query: Query, limit: number | 'all') {
  const items: unknown[] = [];
  let cursor: string | null = null;
  do {
    const left = limit === 'all' ? LARGEST_PAGE : limit - items.length;
    const answer = await api.get(path, { ...query, limit: Math.min(left, LARGEST_PAGE), cursor: cursor ?? undefined });
    const page: z.infer<typeof pageSchema> = parsed(pageSchema, answer);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && (limit === 'all' || items.length < limit));
  return { items, nextCursor: cursor };
}

/** Every page of a list of any length, which is never held whole. */
export async function* pagesOf(api: Api, path: string, query: Query): AsyncGenerator<readonly unknown[]> {
  let cursor: string | null = null;
  do {
    const answer = await api.get(path, { ...query, limit: LARGEST_PAGE, cursor: cursor ?? undefined });
    const page: z.infer<typeof pageSchema> = parsed(pageSchema, answer);
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}
