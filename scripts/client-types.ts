import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { ownDocument } from './own-document.js';

const FOLDER = new URL('../src/client/generated/', import.meta.url);
const HEAD = "// Made from the API's document by `npm run client:types`.\n";

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { schema: Schema }>>;
  };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>;
};
type Schema = { readonly $ref?: string; readonly properties?: Readonly<Record<string, unknown>> };
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: object;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** The client's generated files by name. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  const document = shopsPart(JSON.parse(await ownDocument()) as Document);
  const types = astToString(await openapiTS(JSON.stringify(document), { defaultNonNullable: false }));
  return new Map([
    ['openapi.ts', `${HEAD}${types}`],
    ['calls.ts', `${HEAD}${callsOf(document)}`],
  ]);
}

/** The calls under `/v1`, and their answers that are no errors: those are one class. */
function shopsPart(document: Document): Document {
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
  const done = ({ responses, ...operation }: Operation): Operation => ({
    ...operation,
    responses: Object.fromEntries(Object.entries(responses).filter(([status]) => status < '300')),
  });
  const ofPath = (methods: Readonly<Record<string, Operation>>) =>
    Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, done(operation)]));
  return {
    ...document,
    webhooks: {},
    paths: Object.fromEntries(paths.map(([path, methods]) => [path, ofPath(methods)])),
  };
}

function callsOf(document: Document): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const table = operations.map(({ path, method, operation: { operationId, parameters = [] } }) => {
    const query = parameters.filter((it) => it.in === 'query').map(({ name }) => `'${name}'`);
    return `  ${operationId}: { method: '${method}', path: '${path}', query: [${query.join(', ')}] },`;
  });
  return `import type { AnswerOf, InputOf, Operation, OperationId } from '../call.js';
import { itemsOf } from '../pages.js';
import type { CallOptions } from '../retry.js';

export const OPERATIONS = {
${table.join('\n')}
} as const satisfies Record<OperationId, Operation>;

export abstract class Calls {
  protected abstract send<Id extends OperationId>(id: Id, input: object, options?: CallOptions): Promise<AnswerOf<Id>>;
${operations.map(({ operation }) => methodsOf(document, operation)).join('')}}
`;
}

/** One method a call, and one more for all items of a list. A stream's is written by hand. */
function methodsOf(document: Document, operation: Operation): string {
  const { operationId: id, summary, description, parameters = [], requestBody } = operation;
  const contents = Object.values(operation.responses).flatMap(({ content }) => Object.entries(content ?? {}));
  if (contents.some(([type]) => type === 'text/event-stream')) return '';
  refuseAmbiguous(document, operation);
  const isNeeded = requestBody?.required === true || parameters.some(({ required }) => required === true);
  const doc = [
    '/**',
    ` * ${summary}.`,
    ...(description === undefined ? [] : [' *', ` * ${description.replaceAll(/\s+/g, ' ').replaceAll('*/', '*\\/')}`]),
    ' */',
  ];
  const call = [
    ...doc,
    `${id}(input: InputOf<'${id}'>${isNeeded ? '' : ' = {}'}, options?: CallOptions): Promise<AnswerOf<'${id}'>> {`,
    `  return this.send('${id}', input, options);`,
    '}',
  ];
  const isPaged = contents.some(([, { schema }]) => 'nextCursor' in (resolved(document, schema).properties ?? {}));
  const all = [
    `/** Every item of {@link ${id}}, page after page. */`,
    `${id.replace(/^list/, 'all')}(input: Omit<InputOf<'${id}'>, 'cursor'>${isNeeded ? '' : ' = {}'}, options?: CallOptions) {`,
    `  return itemsOf((place) => this.${id}({ ...input, ...place }, options));`,
    '}',
  ];
  return [[], call, ...(isPaged ? [[], all] : [])]
    .flatMap((lines) => (lines.length === 0 ? [''] : lines.map((line) => `  ${line}`)))
    .join('\n')
    .concat('\n');
}

const resolved = ({ components }: Document, schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});

/** An input is one object: no field of a body may have the name of a parameter. */
function refuseAmbiguous(document: Document, { operationId, parameters = [], requestBody }: Operation): void {
  const body = requestBody?.content['application/json']?.schema ?? {};
  const names = new Set(Object.keys(resolved(document, body).properties ?? {}));
  const twice = parameters.filter(({ name }) => names.has(name)).map(({ name }) => name);
  if (twice.length > 0) throw new Error(`${operationId}: ${twice.join(', ')} is a parameter and a field of the body`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of await generated()) await writeFile(new URL(name, FOLDER), text);
}
