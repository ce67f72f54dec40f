import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameGivenTwice, parseJson } from '../../src/base/parse-json.js';

describe('JSON from outside', () => {
  it.each([
    ['{"total":1,"total":2}', 'total'],
    ['{"a":{"total":1, "b":[{"c":1}], "total" : 1}}', 'total'],
    ['{"total":1,"\\u0074otal":2}', 'total'],
    ['[{"a":"\\"a\\":1","a":2}]', 'a'],
    ['{"":1,"":1}', ''],
    ['{"__proto__":1,"__proto__":1}', '__proto__'],
  ])('%s gives a name twice, and is not taken', (json, name) => {
    expect(nameGivenTwice(json)).toBe(name);
    expect(parseJson(json)).toBeUndefined();
    expect(parseJson(Buffer.from(json))).toBeUndefined();
  });

  it.each([
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"a","b":"a"}',
    '["a","a"]',
    '{"a":"x\\\\","b":"\\"a\\":"}',
    '{"a":["a"],"b":"a"}',
    '{"a":":","b":"{\\"a\\":1}"}',
    '[[{"a":1}],[{"a":[{"a":1}]}]]',
    '"a"',
    '7',
  ])('%s gives none twice', (json) => {
    expect(nameGivenTwice(json)).toBeUndefined();
    expect(parseJson(json)).toEqual(JSON.parse(json));
  });

  it('whatever an object holds, its text is taken, and not with any of its fields before it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, n) => {
        const json = JSON.stringify(object);
        const names = Object.keys(object);
        const name = names[n % names.length] ?? '';
        const twice = `{${JSON.stringify(name)} : "{", ${json.slice(1)}`;
        expect(nameGivenTwice(json)).toBeUndefined();
        expect(parseJson(json)).toEqual(JSON.parse(json));
        expect(nameGivenTwice(twice)).toBe(name);
        expect(parseJson(twice)).toBeUndefined();
        expect(parseJson(`[{"outer":${twice}}]`)).toBeUndefined();
      }),
    );
  });

  it('an array may be longer than the arguments of a call', () => {
    const many = Array.from({ length: 300_000 }, () => ({ a: 1 }));
    expect(parseJson(JSON.stringify(many))).toHaveLength(many.length);
  });

  it('a byte order mark before it is no part of it, and bytes that are no UTF-8 are no JSON', () => {
    expect(parseJson(Buffer.from('\ufeff{"a":1}'))).toEqual({ a: 1 });
    expect(parseJson(Buffer.from([0x22, 0xff, 0x22]))).toBeUndefined();
  });

  it.each(['', '{', '{"a":1', 'nul', '\ud800'])('%j is no JSON', (text) => {
    expect(parseJson(text)).toBeUndefined();
  });
});
