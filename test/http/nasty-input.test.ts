import { beforeAll, describe, expect, it } from 'vitest';
import { served } from '../../src/entries/served.js';
import { createApp } from '../../src/http/app.js';
import { encodeCursor } from '../../src/db/keyset.js';
import { json, NOW, useTestApp } from './support/test-app.js';

const test = useTestApp();
let operator = '';
beforeAll(async () => {
  operator = (await test.operatorKey()).key;
});

type Schema = {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
};
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Schema };
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const ID = '67700ef7-a7dc-4184-bcb3-4fabafc7ff1f';
const UNENCODED = [
  '%',
  '%zz',
  '%00',
  '%ff',
  '%c0%80',
  '%ed%a0%80',
  '%E8%8C',
  '+',
  '%2e%2e',
  '%2F',
  '%5c',
  '%0d%0aX: y',
];
const DATES = [
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59-12:00',
  '-000001-01-01T00:00:00Z',
  '+275760-09-13T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  'infinity',
  'NaN',
];
const NUMBERS = ['-1', '0', '1.5', '1e3', '1e400', '2147483648', '9223372036854775808', '0x10', 'Infinity', '１２'];
const TEXTS = [
  '',
  ' ',
  '\0',
  'x'.repeat(4_000),
  '茶'.repeat(1_000),
  "' or 1=1 --",
  '${x}',
  '../..',
  '\u202e',
  '__proto__',
];
const CURSORS = [
  encodeCursor({ at: new Date(999_999_999_999_999), id: ID }),
  encodeCursor({ at: new Date(253_402_300_800_000), id: 'A-100001' }),
  Buffer.from(`1 ${ID}\0`).toString('base64url'),
  Buffer.from('99999999999999999999 x').toString('base64url'),
];
const QUERY = [...UNENCODED, ...[...DATES, ...NUMBERS, ...TEXTS, ...CURSORS].map(encodeURIComponent)];
const VALUES: readonly unknown[] = [
  ...[...DATES, ...TEXTS, '\ud800', 'A-100001\0'],
  ...[null, true, -1, 0, 1.5, 2 ** 31, 2 ** 53 - 1, 1 - 2 ** 53, 1e-7, [], {}, [[]], [null], { a: { b: [] } }],
  Array.from({ length: 2_000 }, () => 'A-100001'),
];

async function openApi(): Promise<Document> {
  return json<Document>(await test.send('GET', '/openapi.json'));
}

/** The least that a schema takes. */
function sampleOf(document: Document, schema: Schema): unknown {
  if (schema.$ref !== undefined) return sampleOf(document, resolved(document, schema));
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sampleOf(document, schema.anyOf[0] ?? {});
  const { properties = {}, required = [] } = schema;
  if (schema.type === 'object')
    return Object.fromEntries(required.map((name) => [name, sampleOf(document, properties[name] ?? {})]));
  if (schema.type === 'array') return [sampleOf(document, schema.items ?? {})];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  return schema.format === 'date-time' ? new Date(NOW.getTime() + 3_600_000).toISOString() : 'A-100001';
}

function resolved(document: Document, schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}

/** A body once for each of its fields, nested ones too, with `value` in that field. */
function* bodiesWith(document: Document, schema: Schema, value: unknown): Generator<Record<string, unknown>> {
  const own = resolved(document, schema);
  const base = sampleOf(document, own) as Record<string, unknown>;
  for (const [name, field] of Object.entries(own.properties ?? {})) {
    yield { ...base, [name]: value };
    const nested = resolved(document, field);
    if (nested.properties === undefined) continue;
    for (const inner of bodiesWith(document, nested, value)) yield { ...base, [name]: inner };
  }
}

type Sent = { readonly method: string; readonly path: string; readonly body?: unknown };

function* requestsOf(document: Document, template: string, method: string, operation: Operation): Generator<Sent> {
  const parameters = operation.parameters ?? [];
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const body = schema === undefined ? {} : { body: sampleOf(document, schema) };
  const pathWith = (name: string, value: string): string =>
    template.replaceAll(/\{(\w+)\}/g, (_, it: string) => (it === name ? value : it === 'id' ? ID : 'A-100001'));
  const query = (name: string, value: string): string =>
    [...parameters.filter((it) => it.in === 'query' && it.required === true && it.name !== name)]
      .map((it) => `${it.name}=A-100001`)
      .concat(`${name}=${value}`)
      .join('&');
  yield { method, path: pathWith('', ''), ...body };
  for (const parameter of parameters)
    for (const value of QUERY) {
      if (parameter.in === 'path') yield { method, path: pathWith(parameter.name, value), ...body };
      else yield { method, path: `${pathWith('', '')}?${query(parameter.name, value)}`, ...body };
    }
  for (const value of UNENCODED) yield { method, path: `${pathWith('', '')}?unknown=${value}&${value}`, ...body };
  if (schema === undefined) return;
  for (const value of VALUES)
    for (const nasty of bodiesWith(document, schema, value)) yield { method, path: pathWith('', ''), body: nasty };
}

describe('whatever is sent to a route of the API', () => {
  it('is never answered as a fault of ours, and refused in the one format', async () => {
    const document = await openApi();
    await test.placeOrder({ orderNo: 'A-100001' });
    const app = createApp(test.deps({ rateLimit: { burst: 1e6, intervalMs: 0.001 } }), served);
    const wrong: string[] = [];
    let sent = 0;
    for (const [template, operations] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(operations))
        for (const request of requestsOf(document, template, method.toUpperCase(), operation)) {
          const { body } = request;
          const answer = await app.request(request.path, {
            method: request.method,
            headers: {
              Authorization: `Bearer ${operator}`,
              'Content-Type': 'application/json',
              'Last-Event-ID': '9'.repeat(400),
              'If-None-Match': '"\\", W/x',
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          sent += 1;
          const problem = await problemOf(answer, template);
          if (problem !== undefined)
            wrong.push(`${request.method} ${request.path} ${JSON.stringify(body)}: ${problem}`);
        }
    expect(wrong.map((line) => line.slice(0, 300))).toEqual([]);
    expect(sent).toBeGreaterThan(2_000);
  });
});

/** What is wrong with an answer to nonsense. */
async function problemOf(answer: Response, template: string): Promise<string | undefined> {
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    await answer.body?.cancel();
    return undefined;
  }
  const text = await answer.text();
  if (answer.status >= 500) return `${answer.status} ${text}`;
  if (answer.status < 400 || template.startsWith('/notify/')) return undefined;
  const code: unknown = (JSON.parse(text) as { code?: unknown }).code;
  const isProblem = answer.headers.get('content-type') === 'application/problem+json' && typeof code === 'string';
  return isProblem ? undefined : `${answer.status} is no problem document: ${text}`;
}

describe('whatever is sent to a page', () => {
  const PAGES = {
    '/ops': ['mchid', 'lang'],
    '/ops/charts.json': ['mchid'],
    '/ops/stuck': ['mchid', 'reason', 'cursor'],
    '/ops/search': ['q'],
    '/ops/inbox': ['mchid', 'view', 'cursor'],
    '/ops/inbox?view=verified': ['cursor'],
    '/ops/bulk': ['mchid', 'action', 'createdFrom', 'createdTo', 'orderNos', 'until', 'cursor'],
    '/ops/login': ['next'],
    '/pay/A-100001': ['t', 'lang'],
  };

  it('is never answered as a fault of ours', async () => {
    const app = createApp(test.deps(), served);
    const login = await app.request('/ops/login', { method: 'POST', body: new URLSearchParams({ key: operator }) });
    const cookie = login.headers
      .getSetCookie()
      .map((it) => it.split(';')[0])
      .join('; ');
    const wrong: string[] = [];
    for (const [page, fields] of Object.entries(PAGES))
      for (const field of fields)
        for (const value of QUERY) {
          const path = `${page}${page.includes('?') ? '&' : '?'}${field}=${value}`;
          const answer = await app.request(path, { headers: { cookie } });
          if (answer.status >= 500) wrong.push(`${path}: ${answer.status}`);
        }
    expect(wrong.map((line) => line.slice(0, 300))).toEqual([]);
  });
});
