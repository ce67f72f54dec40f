import { WORDS } from './openapi-words.js';

type Node = Readonly<Record<string, unknown>>;

/** The document as generators of other languages understand it best: what it says stays the same. */
export function plainDocument(document: Node): Node {
  const used = new Set<string>();
  const plain = rewritten(document, (node) => withoutLonelyAllOf(withNamedWords(node, used)));
  const components = nodeOf(plain['components']);
  const words = [...used].toSorted().map((name) => [name, { type: 'string', enum: wordsOf(name) }] as const);
  const schemas = { ...rewritten(nodeOf(components['schemas']), withDefaultTold), ...Object.fromEntries(words) };
  const [paths, webhooks] = [plain['paths'], plain['webhooks']].map((calls) => withSecurity(nodeOf(calls)));
  return { ...plain, paths, webhooks, components: { ...components, schemas } };
}

/** Written by hand, so taken as they are. */
const AS_IT_IS: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum', 'required', 'mapping']);

function rewritten(value: Node, change: (node: Node) => Node): Node {
  const fields = Object.entries(value).map(
    ([name, field]) => [name, AS_IT_IS.has(name) ? field : inner(field)] as const,
  );
  return change(Object.fromEntries(fields));

  function inner(field: unknown): unknown {
    if (Array.isArray(field)) return field.map(inner);
    return isNode(field) ? rewritten(field, change) : field;
  }
}

/** A list of words that has a name is a reference to it: generators make one type of it rather than one for each place. */
function withNamedWords(node: Node, used: Set<string>): Node {
  const { enum: words, type: _, ...others } = node;
  if (!Array.isArray(words)) return node;
  const name = NAMES.get(keyOf(words.filter((word) => word !== null)));
  if (name === undefined) return node;
  used.add(name);
  const $ref = `#/components/schemas/${name}`;
  return words.includes(null) ? { anyOf: [{ $ref }, { type: 'null' }], ...others } : { $ref, ...others };
}

const keyOf = (words: readonly unknown[]): string => JSON.stringify(words);
const NAMES = new Map(Object.entries(WORDS).map(([name, words]) => [keyOf(words), name]));
const wordsOf = (name: string): readonly string[] =>
  new Map<string, readonly string[]>(Object.entries(WORDS)).get(name) ?? [];

/** A reference that is described where it stands; `allOf` with a description alone is a type of its own to some. */
function withoutLonelyAllOf(node: Node): Node {
  const { allOf, ...others } = node;
  if (!Array.isArray(allOf) || allOf.length !== 2) return node;
  const [reference, said] = allOf.map(nodeOf);
  if (reference?.['$ref'] === undefined || said === undefined || Object.keys(said).some((key) => key !== 'description'))
    return node;
  return { ...others, ...reference, ...said };
}

/** In words: a field of a body with a `default` is taken for one that is always there, and sent always, by some. */
function withDefaultTold(node: Node): Node {
  const { default: value, description, ...others } = node;
  if (value === undefined || typeof (node['type'] ?? node['$ref']) !== 'string') return node;
  const said = typeof description === 'string' ? `${description} ` : '';
  return { ...others, description: `${said}Default: ${JSON.stringify(value)}.` };
}

/** A call that needs no key says so. */
const withSecurity = (calls: Node): Node =>
  mapped(calls, (path) => mapped(nodeOf(path), (operation) => ({ security: [], ...nodeOf(operation) })));

const mapped = (node: Node, change: (value: unknown, name: string) => unknown): Node =>
  Object.fromEntries(Object.entries(node).map(([name, value]) => [name, change(value, name)]));

const nodeOf = (value: unknown): Node => (isNode(value) ? value : {});

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
