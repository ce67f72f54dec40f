import fc from 'fast-check';
import { resolved, type Document, type Schema } from '../../http/support/document.js';

/** What of a JSON schema the document's requests are made of. */
type Shape = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
};

/** Values that a schema takes. `known`: values by the name of the field, without which no call would get far. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

export function valuesOf(document: Document, schema: Schema, known: Known): fc.Arbitrary<unknown> {
  const shape: Shape = resolved(document, schema);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  const several = shape.anyOf ?? shape.oneOf;
  if (several !== undefined) return fc.oneof(...several.map((it) => valuesOf(document, it, known)));
  switch (shape.type) {
    case 'object':
      return shape.properties === undefined ? anyObject() : objects(document, shape, known);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = 5 } = shape;
      return fc.array(valuesOf(document, items, known), { minLength: minItems, maxLength: Math.min(maxItems, 5) });
    }
    case 'integer':
    case 'number':
      return integers(shape);
    case 'boolean':
      return fc.boolean();
    default:
      return texts(shape);
  }
}

function objects(document: Document, { properties = {}, required = [] }: Shape, known: Known): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const made = valuesOf(document, schema, known);
    const values = known[name];
    const value = values === undefined ? made : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, made);
    return [name, required.includes(name) ? value : fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, value)];
  });
  // JSON leaves out what is undefined.
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { noNullPrototype: true });
}

const anyObject = () => fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4, noNullPrototype: true });

function integers({ minimum = 0, maximum = 1_000_000 }: Shape): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: maximum }));
}

function texts({ format, pattern, minLength = 0 }: Shape): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'date-time') return times().map((time) => time.toISOString());
  if (format === 'date') return times().map((time) => time.toISOString().slice(0, 10));
  return fc.string({ unit: 'grapheme', minLength, maxLength: 40 });
}

const times = () => fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });

const ODD_TEXTS = [
  ...['', ' ', '\0', 'a\0b', '\ud800', 'x\udfff', '\u202eabc', '\ufeff', '\uffff', '茶'.repeat(200), 'x'.repeat(5_000)],
  ...['__proto__', 'constructor', '../..', '.', '..', "' or 1=1 --", '%', '%00', '%zz', '${x}', '<svg>', '\r\nX: y'],
  ...['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00', '+275760-09-13T00:00:00Z', '2026-02-30', 'infinity', 'NaN'],
  ...['-1', '0', '1.5', '1e3', '1e400', '2147483648', '9223372036854775808', '0x10', '１２'],
];
const ODD_NUMBERS = [-1, -0, 0, 0.5, 1e-7, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e21, 1e308, -(2 ** 53)];

/** Of any type; texts also of whatever characters there are. */
export const oddTexts = (): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 60 }));

export const oddValues = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    oddTexts(),
    fc.constantFrom(...ODD_NUMBERS),
    fc.constantFrom(null, true, false, [], {}, [[]], [null], { a: { b: [] } }),
    fc.jsonValue(),
    fc.nat({ max: 3_000 }).map(nested),
    fc.constant(Array.from({ length: 2_000 }, () => 'A-100001')),
  );

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** A value with one thing in it replaced, left out or added, at whatever depth. */
export const broken = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(values, fc.nat(), oddValues(), fc.constantFrom('replace', 'omit', 'add'))
    .map(([value, at, odd, how]) => changed(value, { at, odd, how }));

type Change = { readonly at: number; readonly odd: unknown; readonly how: 'replace' | 'omit' | 'add' };

function changed(value: unknown, { at, odd, how }: Change): unknown {
  const copy: unknown = structuredClone(value);
  const places = [...placesIn(copy)];
  const place = places[at % Math.max(1, places.length)];
  if (place === undefined) return odd;
  if (how === 'replace') place.within[place.name] = odd;
  else if (how === 'omit') Reflect.deleteProperty(place.within, place.name);
  else place.within['unheardOf'] = odd;
  return copy;
}

type Place = { readonly within: Record<string, unknown>; readonly name: string };

function* placesIn(value: unknown): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  const within = value as Record<string, unknown>;
  for (const name of Object.keys(within)) {
    yield { within, name };
    yield* placesIn(within[name]);
  }
}
