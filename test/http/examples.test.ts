import { expect, test } from 'vitest';
import { ownDocument } from '../../scripts/own-document.js';
import { json, TestApp } from './support/test-app.js';
import { judgeOf, operationsOf, resolved, type Content, type Document, type Operation } from './support/document.js';
import { GIVEN } from './support/example-shop.js';

const document = JSON.parse(await ownDocument()) as Document;
const judge = judgeOf(document);
/** What WeChat Pay alone can send has no example: nobody else can sign it. */
const operations = operationsOf(document.paths).filter(({ path }) => !path.startsWith('/notify/'));

type Example = { readonly name: string; readonly body?: unknown };

/** Each of an operation's bodies as the document shows them; a call without a body has one example, its path. */
function examplesOf({ operationId, requestBody }: Operation): Example[] {
  if (requestBody === undefined) return [{ name: 'the path' }];
  const content = Object.values(requestBody.content)[0];
  if (content === undefined) throw new Error(`${operationId} has a body of no type`);
  const shown = Object.entries(content.examples ?? {}).map(([name, { value }]) => ({ name, body: value }));
  const ofSchema = resolved(document, content.schema)['example'];
  const examples = ofSchema === undefined ? shown : [...shown, { name: 'the schema', body: ofSchema }];
  if (examples.length > 0) return examples;
  throw new Error(`${operationId} has no example of its body: give the route's request \`bodyLike(schema, examples)\``);
}

/** The path with the examples of its parameters and of those query parameters that are required. */
function targetOf(path: string, operation: Operation, id: string | undefined): string {
  const query = new URLSearchParams();
  let target = path;
  for (const { name, in: where, required, schema } of operation.parameters ?? []) {
    if (required !== true) continue;
    const example = resolved(document, schema)['example'] ?? schema['example'];
    if (typeof example !== 'string') {
      throw new Error(
        `${operation.operationId} has no example of its parameter ${name}: give it one by \`.openapi({ example })\``,
      );
    }
    if (where === 'path')
      target = target.replace(`{${name}}`, encodeURIComponent(name === 'id' ? (id ?? example) : example));
    if (where === 'query') query.set(name, example);
  }
  return query.size === 0 ? target : `${target}?${query.toString()}`;
}

test.each(operations)(
  '$operation.operationId: its examples do as the document says',
  async ({ method, path, operation }) => {
    for (const { name, body } of examplesOf(operation)) {
      const app = new TestApp();
      await app.open();
      try {
        app.reset();
        const { key } = await app.operatorKey();
        const id = await (GIVEN[operation.operationId] ?? ((given) => given.placeOrder()))(app);
        const target = targetOf(path, operation, typeof id === 'string' ? id : undefined);
        const answer = await app.send(method.toUpperCase(), target, { key, body });
        await expectDocumented(operation, name, answer);
      } finally {
        await app.close();
      }
    }
  },
);

async function expectDocumented({ operationId, responses }: Operation, name: string, answer: Response): Promise<void> {
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
  const streams = type === 'text/event-stream';
  const text = streams ? '' : await answer.clone().text();
  if (streams) await answer.body?.cancel();
  expect(answer.ok, `${operationId}, ${name}: ${answer.status} ${text}`).toBe(true);
  const content: Content | undefined = responses[String(answer.status)]?.content?.[type];
  expect(content, `${operationId}: ${answer.status} ${type} is not documented`).toBeDefined();
  if (type === 'application/json') expect(judge(content?.schema ?? {}, await json(answer)), operationId).toEqual([]);
}
