import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';

/** The fields of a document by name, each a text as it was written; an empty element is an empty text. */
export type Fields = Readonly<Record<string, string>>;

/** Many times what WeChat Pay writes. */
export const MAX_XML_BYTES = 64 * 1024;

type Root = 'xml' | 'root';

/**
 * Reads WeChat Pay's flat documents, which need little of what XML can do. `undefined` for whatever else it is: no declaration of
 * types or entities, no comment, attribute, nested or repeated element is taken.
 */
export function readXml(body: Uint8Array, root: Root = 'xml'): Fields | undefined {
  const text = body.length > MAX_XML_BYTES ? undefined : decoded(body);
  if (text === undefined || !isFlat(text, root)) return undefined;
  const fields = DOCUMENTS[root].safeParse(parsed(text)).data;
  if (fields === undefined) return undefined;
  const byName = new Map(fields);
  return byName.size === fields.length ? Object.fromEntries(byName) : undefined;
}

/** Values without control characters: a reader of XML changes line ends, and refuses the others. */
export function writeXml(fields: Fields): string {
  const elements = Object.entries(fields).map(([name, value]) => `<${name}>${escaped(value)}</${name}>`);
  return `<xml>${elements.join('')}</xml>`;
}

const escaped = (value: string): string =>
  /[&<>]/.test(value) ? `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>` : value;

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decoded(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

const STRAY_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\dA-Fa-f]{1,6});)/;

/** Nothing but elements of the root with text, CDATA and the five entities that XML itself has: the parser takes far more. */
function isFlat(text: string, root: Root): boolean {
  const markup = withoutCdata(text);
  return markup !== undefined && FLAT[root].test(markup) && !STRAY_AMPERSAND.test(markup);
}

const flat = (root: Root): RegExp =>
  new RegExp(
    String.raw`^\s*(?:<\?xml\s[^<>?]*\?>\s*)?<${root}>` +
      String.raw`(?:\s*(?:<([A-Za-z_][\w.-]{0,63})>[^<]*</\1>|<[A-Za-z_][\w.-]{0,63}\s*/>))*` +
      String.raw`\s*</${root}>\s*$`,
  );

const FLAT: Readonly<Record<Root, RegExp>> = { xml: flat('xml'), root: flat('root') };

/** With a letter in the place of each section, which is text like that; `undefined` where one has no end. */
function withoutCdata(text: string): string | undefined {
  const pieces: string[] = [];
  for (let at = 0; ;) {
    const begin = text.indexOf('<![CDATA[', at);
    if (begin === -1) return pieces.join('') + text.slice(at);
    const end = text.indexOf(']]>', begin);
    if (end === -1) return undefined;
    pieces.push(text.slice(at, begin), 'x');
    at = end + ']]>'.length;
  }
}

const parser = new XMLParser({
  preserveOrder: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: '#cdata',
  ignoreDeclaration: true,
  maxNestedTags: 3,
  // Fields become a map, to which no name is dangerous.
  onDangerousProperty: (name) => name,
});

function parsed(text: string): unknown {
  try {
    return parser.parse(text);
  } catch {
    return undefined;
  }
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** What XML takes for a character. */
const CHARACTER = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]$/u;

function characterOf(entity: string): string | undefined {
  const named = ENTITIES.get(entity);
  if (named !== undefined) return named;
  const code = Number(entity.replace('#', entity.startsWith('#x') ? '0' : ''));
  const character = code <= 0x10_ffff ? String.fromCodePoint(code) : '';
  return CHARACTER.test(character) ? character : undefined;
}

const NO_CHARACTER = { code: 'custom', message: 'a number that is no character' } as const;

const textNode = z.strictObject({ '#text': z.string() }).transform((node) => node['#text']);
const plainNode = textNode.transform((text, context) =>
  text.replace(/&([^;]+);/g, (_, entity: string) => {
    const character = characterOf(entity);
    if (character === undefined) context.addIssue(NO_CHARACTER);
    return character ?? '';
  }),
);
const cdataNode = z.strictObject({ '#cdata': z.tuple([textNode]) }).transform((node) => node['#cdata'][0]);
const value = z.array(z.union([plainNode, cdataNode])).transform((pieces) => pieces.join(''));

const spaceBetween = z.strictObject({ '#text': z.string() }).transform(() => []);
const field = z.record(z.string(), value).transform((element) => Object.entries(element));
const fieldList = z.array(z.union([spaceBetween, field])).transform((list) => list.flat());

const DOCUMENTS = {
  xml: z.tuple([z.strictObject({ xml: fieldList })]).transform(([document]) => document.xml),
  root: z.tuple([z.strictObject({ root: fieldList })]).transform(([document]) => document.root),
} satisfies Record<Root, z.ZodType>;
