import fc from 'fast-check';
import type { Document, NamedOperation, Parameter } from '../../http/support/document.js';
import { broken, oddTexts, oddValues, valuesOf, type Known } from './schema-values.js';

/** A request as it goes over the wire. */
export type Sent = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
};

export type Given = {
  readonly document: Document;
  readonly known: Known;
  /** Of every kind; each opens something, and what it does not open is refused. */
  readonly keys: readonly string[];
};

/** Requests of one operation: as its schemas want them, with one thing wrong, and of no sense at all. */
export function requestsOf(given: Given, { method, path, operation }: NamedOperation): fc.Arbitrary<Sent> {
  const { parameters = [], requestBody } = operation;
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
  const body = schema === undefined ? once(10, rawBodies()) : bodiesOf(given, schema);
  return fc
    .record({ target: targetsOf(given, path, parameters), headers: headersOf(given), body })
    .map(({ target, headers, body: sent }) => ({
      method: method.toUpperCase(),
      target,
      headers: sent === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      body: sent,
    }));
}

function targetsOf(given: Given, path: string, parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const inPath = parameters.filter(({ in: where }) => where === 'path');
  const inQuery = parameters.filter(({ in: where }) => where === 'query');
  const steps = fc.tuple(...inPath.map((parameter) => parameterValues(given, parameter).filter((it) => it !== '')));
  const fields = fc.tuple(...inQuery.map((parameter) => queryField(given, parameter)));
  const unknown = once(15, fc.tuple(fc.constantFrom('unheardOf', 'mchid', '', '%', 'limit'), oddTexts()));
  return fc.tuple(steps, fields, unknown).map(([values, known, more]) => {
    const at = inPath.reduce((done, { name }, index) => done.replace(`{${name}}`, encoded(values[index] ?? '')), path);
    const asked = [...known.flat(), ...(more === undefined ? [] : [`${more[0]}=${encoded(more[1])}`])];
    return asked.length === 0 ? at : `${at}?${asked.join('&')}`;
  });
}

const parameterValues = ({ document, known }: Given, { name, schema }: Parameter): fc.Arbitrary<string> => {
  const values = valuesOf(document, schema, known).map(String);
  const mostly = known[name] === undefined ? values : fc.constantFrom(...known[name]).map(String);
  return fc.oneof(
    { weight: 4, arbitrary: mostly },
    { weight: 1, arbitrary: values },
    { weight: 1, arbitrary: oddTexts() },
  );
};

/** Absent, once, or, where it says nothing good, twice. */
function queryField(given: Given, parameter: Parameter): fc.Arbitrary<readonly string[]> {
  const written = parameterValues(given, parameter).map((value) => `${parameter.name}=${encoded(value)}`);
  const single = fc.tuple(written);
  const twice = fc.tuple(written, written);
  const none = fc.constant<readonly string[]>([]);
  return parameter.required === true
    ? fc.oneof({ weight: 18, arbitrary: single }, { weight: 1, arbitrary: none }, { weight: 1, arbitrary: twice })
    : fc.oneof({ weight: 12, arbitrary: none }, { weight: 4, arbitrary: single }, { weight: 1, arbitrary: twice });
}

/** Half a surrogate pair has no percent encoding: bytes that are no UTF-8 take its place. */
const encoded = (text: string): string =>
  encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, HALF)).replaceAll(HALF, '%ED%A0%80');

const HALF = '~half~';

function bodiesOf({ document, known }: Given, schema: Parameter['schema']): fc.Arbitrary<Buffer | undefined> {
  // What is made has a number of its own, or would always be a conflict.
  const { orderNo, refundNo, ...others } = known;
  const values = valuesOf(document, schema, others);
  const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  return fc.oneof(
    { weight: 5, arbitrary: values.map(text) },
    { weight: 6, arbitrary: broken(values).map(text) },
    { weight: 1, arbitrary: oddValues().map(text) },
    { weight: 1, arbitrary: values.map(text).chain(damaged) },
    { weight: 1, arbitrary: rawBodies() },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** What no serializer writes. */
const damaged = (text: Buffer): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc.nat({ max: text.length }).map((end) => text.subarray(0, end)),
    fc.constantFrom('}', '\0', ' //', ',').map((tail) => Buffer.concat([text, Buffer.from(tail)])),
    fc.constant(Buffer.concat([Buffer.from('\ufeff'), text])),
    fc.constant(Buffer.from(text.toString('utf8'), 'utf16le')),
    fc
      .constantFrom('1e400', '-0', '1.0', '01', '1e2', 'NaN', '1.0000000000000000001')
      .map((number) => Buffer.from(text.toString('utf8').replace(/-?\d+(?=[,}\]])/, number))),
    fc.constant(Buffer.from(text.toString('utf8').replace(/^\{("[^"]*":[^,}]*)/, '{$1,$1'))),
    fc.constantFrom(17, 130, 260).map((kb) => Buffer.concat([text, Buffer.alloc(kb * 1024, ' ')])),
  );

const rawBodies = (): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('', ' ', '[]', '{}', 'null', '""', '{', '<xml></xml>', 'a=b', '[['.repeat(5_000))
      .map((it) => Buffer.from(it)),
  );

const CONTENT_TYPES = ['application/json; charset=utf-8', 'APPLICATION/JSON', 'text/plain', 'application/xml', 'x', ''];

function headersOf({ keys }: Given): fc.Arbitrary<Record<string, string>> {
  const value = fc.oneof(
    fc.constantFrom('', ' ', '*', '*/*', '"\\", W/x', '9'.repeat(400), 'text/csv', 'gzip', 'text/csv;q=x, */*;q=0'),
    fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,80}$/),
  );
  const wrongKey = fc.oneof(value, fc.constantFrom('Bearer ', 'Bearer a b', 'Basic eDp5', `Bearer ${'x'.repeat(500)}`));
  const rightKey = fc.constantFrom(...keys).map((key) => `Bearer ${key}`);
  const key = fc.oneof({ weight: 20, arbitrary: rightKey }, { weight: 1, arbitrary: wrongKey });
  const odd = fc.record({
    Authorization: fc.option(key, { freq: 20, nil: undefined }),
    'Content-Type': once(30, fc.constantFrom(...CONTENT_TYPES)),
    'Content-Encoding': once(50, fc.constantFrom('gzip', 'identity', 'br, gzip', '')),
    Accept: once(30, value),
    'X-Request-Id': once(30, value),
    'Last-Event-ID': once(30, value),
    'If-None-Match': once(30, value),
    'X-Forwarded-For': once(30, value),
  });
  return odd.map((all) =>
    Object.fromEntries(Object.entries(all).flatMap(([name, it]) => (it === undefined ? [] : [[name, it]]))),
  );
}

/** Once in so many times, else nothing. */
const once = <T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
