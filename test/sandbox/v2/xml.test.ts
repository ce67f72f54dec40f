import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXml, writeXml } from '../../../src/sandbox/wire/v2/xml.js';

const { XMLParser } = createRequire(import.meta.resolve('wechatpay-axios-plugin'))('fast-xml-parser') as {
  XMLParser: new (options: object) => { parse(xml: string): Record<string, unknown> };
};

const read = (xml: string) => {
  const fields = parseXml(xml, 'xml');
  return fields && Object.fromEntries(fields);
};

describe('a document', () => {
  it.each([
    ['<xml></xml>', {}],
    ['<xml><a>1</a></xml>', { a: '1' }],
    ['\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n  <a>1</a>\n  <b/>\n</xml>\n', { a: '1', b: '' }],
    ['<xml><a><![CDATA[<b>&amp;]]></a></xml>', { a: '<b>&amp;' }],
    ['<xml><a>x<![CDATA[y]]>z</a></xml>', { a: 'xyz' }],
    ['<xml><a>&lt;&gt;&amp;&quot;&apos;&#33;&#x8336;</a></xml>', { a: '<>&"\'!茶' }],
    ['<xml><a> 1 </a></xml>', { a: ' 1 ' }],
    ['<xml><a>0012345678901234567890</a></xml>', { a: '0012345678901234567890' }],
    ['<xml><a></a><b >2</b></xml>', { a: '', b: '2' }],
  ])('%j is read', (xml, fields) => {
    expect(read(xml)).toEqual(fields);
  });

  it('has a field named __proto__ like any other', () => {
    const fields = read('<xml><__proto__>1</__proto__></xml>') ?? {};
    expect(Object.entries(fields)).toEqual([['__proto__', '1']]);
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  });

  it.each([
    '',
    'text',
    '<xml>',
    '</xml>',
    '<xml></xml><xml></xml>',
    '<root><a>1</a></root>',
    '<xml><a>1</b></xml>',
    '<xml><a>1</xml>',
    '<xml>1</xml>',
    '<xml><a>1</a>2</xml>',
    '<xml><a>1</a><a>2</a></xml>',
    '<xml><a><b>1</b></a></xml>',
    '<xml><a type="x">1</a></xml>',
    '<xml type="x"><a>1</a></xml>',
    '<xml><!-- a --><a>1</a></xml>',
    '<xml><?php 1 ?><a>1</a></xml>',
    '<xml><a>&eacute;</a></xml>',
    '<xml><a>&</a></xml>',
    '<xml><a>&#0;</a></xml>',
    '<xml><a>&#xD800;</a></xml>',
    '<xml><a>&#x110000;</a></xml>',
    '<xml><a>\u0000</a></xml>',
    '<xml><a><![CDATA[1]</a></xml>',
    '<xml><1>1</1></xml>',
    '<!DOCTYPE xml><xml><a>1</a></xml>',
    '<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><a>&b;</a></xml>',
  ])('%j is none', (xml) => {
    expect(read(xml)).toBeUndefined();
  });

  it('is read in a time that grows with its length, whatever it is', () => {
    const long = 60_000;
    const hostile = [
      `<xml>${'<a>'.repeat(long / 3)}</xml>`,
      `<xml>${' '.repeat(long)}`,
      `<xml><a>${'&lt;'.repeat(long / 4)}</a></xml>`,
      `<xml><a>${'<![CDATA['.repeat(long / 9)}</a></xml>`,
      `<xml>${'<a '.repeat(long / 3)}></xml>`,
      `<xml>${Array.from({ length: long / 12 }, (_, n) => `<a${n}>1</a${n}>`).join('')}</xml>`,
    ];
    const began = performance.now();
    for (const xml of hostile) read(xml);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

const value = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .filter((text) => !/[\u0000-\u001f\ufffe\uffff]/.test(text));
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/).filter((text) => text !== '__proto__');
const document = fc.dictionary(name, value, { maxKeys: 12 });

describe('what is written', () => {
  it('is read as it was, by its own reader and by another', () => {
    const other = new XMLParser({ parseTagValue: false, trimValues: false, ignoreDeclaration: true });
    fc.assert(
      fc.property(document, (fields) => {
        const xml = writeXml(new Map(Object.entries(fields)), 'xml');
        expect(read(xml)).toEqual({ ...fields });
        const { xml: others } = other.parse(xml) as { xml: Record<string, string> };
        for (const [key, text] of Object.entries(fields)) expect(others[key]).toBe(text);
      }),
    );
  });

  it('keeps the end of a CDATA section inside its value', () => {
    const xml = writeXml(new Map([['a', 'x]]>y<b>']]), 'root');
    expect(parseXml(xml, 'root')?.get('a')).toBe('x]]>y<b>');
  });
});
