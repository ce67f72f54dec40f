import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readXml, writeXml, type Fields } from '../../../src/channels/wechatpay-v2/xml.js';
import { runs } from '../../support/property-runs.js';

const read = (text: string, root?: 'xml' | 'root'): Fields | undefined => readXml(Buffer.from(text), root);

test('a document as WeChat Pay writes it is its fields, each a text', () => {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<xml>
  <return_code><![CDATA[SUCCESS]]></return_code>
  <return_msg/>
  <attach></attach>
  <total_fee>0100</total_fee>
  <transaction_id>4200000000202611220000000001</transaction_id>
  <body>a &lt;b&gt; &amp;amp; &#26222;&#x6D31;</body>
  <detail><![CDATA[{"name":"a &amp; <b>"}]]></detail>
  <mixed>a<![CDATA[<]]>b<![CDATA[]]>&quot;</mixed>
</xml>
`;
  expect(read(text)).toEqual({
    return_code: 'SUCCESS',
    return_msg: '',
    attach: '',
    total_fee: '0100',
    transaction_id: '4200000000202611220000000001',
    body: 'a <b> &amp; 普洱',
    detail: '{"name":"a &amp; <b>"}',
    mixed: 'a<b"',
  });
});

test('a byte order mark and spaces around a value are what they are', () => {
  expect(read('\ufeff<xml><a> b </a></xml>')).toEqual({ a: ' b ' });
  expect(read('<xml></xml>')).toEqual({});
  expect(read('<root><a>1</a></root>', 'root')).toEqual({ a: '1' });
});

const anyText = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .filter((text) => !/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text));
const markup = fc.constantFrom(
  '<![CDATA[',
  ']]>',
  ']]',
  '>',
  '<',
  '&',
  '&amp;',
  '&#60;',
  '<!DOCTYPE a>',
  '<?x?>',
  '<a>',
  '</xml>',
  ' ',
);
const anyValue = fc.array(fc.oneof(anyText, markup), { maxLength: 8 }).map((pieces) => pieces.join(''));
const anyName = fc.oneof(
  fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/),
  fc.constantFrom('toString', 'hasOwnProperty'),
);

test('any fields are read as they were written', () => {
  fc.assert(
    fc.property(fc.dictionary(anyName, anyValue, { maxKeys: 12, noNullPrototype: true }), (fields) => {
      expect(read(writeXml(fields))).toEqual(fields);
    }),
    runs(200),
  );
});

const lol = '<!DOCTYPE xml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
const outside = '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]>';

test.each([
  ['entities within entities', `${lol}<xml><a>&b;</a></xml>`],
  ['an entity from outside', `<?xml version="1.0"?>${outside}<xml><a>&a;</a></xml>`],
  ['a type of its own', '<!DOCTYPE xml><xml><a>1</a></xml>'],
  ['an entity that nobody declared', '<xml><a>&lol;</a></xml>'],
  ['a stray ampersand', '<xml><a>a & b</a></xml>'],
  ['an entity without an end', '<xml><a>&amp</a></xml>'],
  ['the number of no character', '<xml><a>&#0;</a></xml>'],
  ['the number of half a character', '<xml><a>&#xD800;</a></xml>'],
  ['a number that is too large', '<xml><a>&#9999999;</a></xml>'],
  ['a processing instruction', '<?xml version="1.0"?><?php x ?><xml><a>1</a></xml>'],
  ['a declaration in the middle', '<xml><?xml version="1.0"?><a>1</a></xml>'],
  ['a comment', '<xml><!-- a --><a>1</a></xml>'],
  ['a comment that holds a section', '<xml><!--<![CDATA[--><a>1</a><!--]]>--></xml>'],
  ['an element twice', '<xml><a>1</a><b>2</b><a>1</a></xml>'],
  ['an element within an element', '<xml><a><b>1</b></a></xml>'],
  ['text and an element', '<xml><a>1<b/></a></xml>'],
  ['text beside elements', '<xml>1<a>1</a></xml>'],
  ['a section beside elements', '<xml><![CDATA[ ]]><a>1</a></xml>'],
  ['an attribute', '<xml><a b="1">1</a></xml>'],
  ['an attribute of the root', '<xml a="1"><a>1</a></xml>'],
  ['an attribute of an empty element', '<xml><a b="1"/></xml>'],
  ['a namespace', '<xml><a:b>1</a:b></xml>'],
  ['a second root', '<xml><a>1</a></xml><xml><a>2</a></xml>'],
  ['another root', '<root><a>1</a></root>'],
  ['no root', 'a=1&b=2'],
  ['something before it', 'x<xml><a>1</a></xml>'],
  ['something behind it', '<xml><a>1</a></xml>x'],
  ['an end of its own', '<xml><a>1</b></xml>'],
  ['no end', '<xml><a>1</a>'],
  ['half an end', '<xml><a>1</a></xml'],
  ['a section without an end', '<xml><a><![CDATA[1</a></xml>'],
  ['the name of a prototype', '<xml><__proto__>1</__proto__></xml>'],
  ['an endless name', `<xml><${'a'.repeat(65)}>1</${'a'.repeat(65)}></xml>`],
  ['a name in Chinese', '<xml><名>1</名></xml>'],
  ['nothing', ''],
  ['JSON', '{"xml":{"a":"1"}}'],
  ['a page', '<html><body>Bad Gateway</body></html>'],
  ['more than 64 KiB', `<xml><a>${'x'.repeat(64 * 1024)}</a></xml>`],
  ['a thousand elements within one another', '<xml>'.repeat(1_000) + '</xml>'.repeat(1_000)],
])('%s is not read', (_, text) => {
  expect(read(text)).toBeUndefined();
});

test.each([
  ['a byte of another encoding', Buffer.from('<xml><a>\xe9</a></xml>', 'latin1')],
  ['UTF-16', Buffer.from('<xml><a>1</a></xml>', 'utf16le')],
])('%s is not read', (_, body) => {
  expect(readXml(body)).toBeUndefined();
});

const piece = fc.constantFrom(
  ...[
    '<xml>',
    '</xml>',
    '<a>',
    '</a>',
    '<b/>',
    '<',
    '>',
    '/',
    '!',
    '?',
    '&',
    ';',
    '&amp;',
    '&#',
    '<![CDATA[',
    ']]>',
    ']',
    '<!--',
    '-->',
  ],
  ...[
    '<!DOCTYPE',
    '[',
    '<!ENTITY',
    '"',
    "'",
    '=',
    ' a="1"',
    '\n',
    '\r\n',
    '\0',
    '<?xml version="1.0"?>',
    '__proto__',
    '普',
    'x',
    '\ud800',
  ],
);

test('no bytes make it throw, and what it reads of them is text under plain names', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''))),
    fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(`<xml><a>${pieces.join('')}</a></xml>`)),
  );
  fc.assert(
    fc.property(anything, (body) => {
      const fields = readXml(body) ?? {};
      expect(Object.keys(fields).every((name) => /^[A-Za-z_]/.test(name))).toBe(true);
      expect(Object.values(fields).every((value) => typeof value === 'string')).toBe(true);
      expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    }),
    runs(1_000),
  );
});

test.each(['<![CDATA[', '<', '&', '&#', '<a>', '<a/>', '<a ', ']]>', '<a></a>', '<![CDATA[]]>', '\n', '<?', '<!-- '])(
  '64 KiB of %j are read or refused at once',
  (text) => {
    const began = performance.now();
    for (const document of [
      text.repeat(65_000 / text.length),
      `<xml><a>${text.repeat(60_000 / text.length)}</a></xml>`,
    ])
      read(document);
    expect(performance.now() - began).toBeLessThan(1_000);
  },
);
