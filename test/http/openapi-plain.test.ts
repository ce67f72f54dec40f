import { expect, test } from 'vitest';
import { plainDocument } from '../../src/http/openapi-plain.js';
import { PRODUCTS } from '../../src/orders/rules/product.js';

const plain = (properties: object) =>
  plainDocument({ paths: {}, components: { schemas: { It: { type: 'object', properties } } } })['components'];
const $ref = '#/components/schemas/Other';

test('a reference with a description of its place is one reference', () => {
  const all = { allOf: [{ $ref }, { description: 'Here.' }] };
  expect(plain({ one: all })).toMatchObject({
    schemas: { It: { properties: { one: { $ref, description: 'Here.' } } } },
  });
  const more = { allOf: [{ $ref }, { type: 'object' }] };
  expect(plain({ one: more })).toMatchObject({ schemas: { It: { properties: { one: more } } } });
});

test('a list of words that has a name is a reference, beside null as well, and others stay', () => {
  const product = { type: 'string', enum: [...PRODUCTS], description: 'How.' };
  const either = { type: ['string', 'null'], enum: [...PRODUCTS, null] };
  const other = { type: 'string', enum: ['a', 'b'] };
  const named = '#/components/schemas/Product';
  expect(plain({ product, either, other, enum: { type: 'string' } })).toEqual({
    schemas: {
      It: {
        type: 'object',
        properties: {
          product: { $ref: named, description: 'How.' },
          either: { anyOf: [{ $ref: named }, { type: 'null' }] },
          other,
          enum: { type: 'string' },
        },
      },
      Product: { type: 'string', enum: [...PRODUCTS] },
    },
  });
});

test('a default is told in words, after what is said already', () => {
  expect(
    plain({ one: { type: 'integer', default: 5 }, two: { type: 'string', default: 'a', description: 'It.' } }),
  ).toMatchObject({
    schemas: {
      It: {
        properties: {
          one: { type: 'integer', description: 'Default: 5.' },
          two: { type: 'string', description: 'It. Default: "a".' },
        },
      },
    },
  });
});
