/** Distinguished Encoding Rules (X.690), as much of them as an X.509 certificate needs. */
export const der = {
  sequence: (...items: Buffer[]) => tagged(0x30, Buffer.concat(items)),
  set: (...items: Buffer[]) => tagged(0x31, Buffer.concat(items)),
  /** An unsigned big-endian number; a leading zero keeps it positive. */
  integer: (bytes: Buffer) => tagged(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes),
  boolean: (value: boolean) => tagged(0x01, Buffer.of(value ? 0xff : 0x00)),
  null: () => tagged(0x05, Buffer.alloc(0)),
  bitString: (bytes: Buffer, unusedBits = 0) => tagged(0x03, Buffer.concat([Buffer.of(unusedBits), bytes])),
  octetString: (bytes: Buffer) => tagged(0x04, bytes),
  utf8String: (text: string) => tagged(0x0c, Buffer.from(text)),
  printableString: (text: string) => tagged(0x13, Buffer.from(text, 'ascii')),
  objectId: (dotted: string) => tagged(0x06, encodeObjectId(dotted)),
  time: encodeTime,
  /** `[n] EXPLICIT` */
  explicit: (n: number, content: Buffer) => tagged(0xa0 | n, content),
  /** `[n] IMPLICIT` of a primitive */
  implicit: (n: number, content: Buffer) => tagged(0x80 | n, content),
};

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

function encodeObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

/** RFC 5280: UTCTime through 2049, GeneralizedTime after. */
function encodeTime(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : tagged(0x18, Buffer.from(digits, 'ascii'));
}
