import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';
import { BillUnreadable } from './unreadable.js';

/** A line's values as printed. An empty line is one empty value. */
export type Row = { readonly lineNo: number; readonly values: readonly string[] };

/** WeChat Pay's longest texts, a remark of 2048 characters and an attach of 128, leave no line half as long. */
const MAX_LINE_BYTES = 64 * 1024;
/** Of the file, this much is read at a time. */
const BLOCK_BYTES = 64 * 1024;

/**
 * The rows of a file, a block at a time: it asks for bytes when the last block's rows were taken, and keeps nothing of the file but
 * the beginning of the next line. Lines end in LF or CRLF, a BOM may stand before the first; a quote is a character like any other.
 */
export async function* rowsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Row[]> {
  let lineNo = 1;
  for await (const lines of wholeLines(bytes)) {
    checkLines(lines, lineNo);
    const first = lineNo;
    const values = parse(lines, { ...FORMAT, bom: first === 1 });
    lineNo += values.length;
    yield values.map((ofLine, index) => ({ lineNo: first + index, values: ofLine }));
  }
}

const FORMAT = {
  quote: null,
  escape: null,
  record_delimiter: ['\r\n', '\n'],
  // A line is counted against the header before it, not against the first of its block.
  relax_column_count: true,
};

const LF = 0x0a;
const NUL = 0x00;

/** The bytes again, cut behind line ends. */
async function* wholeLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of smallPieces(bytes)) {
    pieces.push(piece);
    size += piece.length;
    if (size < BLOCK_BYTES) continue;
    const block = Buffer.concat(pieces);
    // Without any line end it is too long a line, and found to be one.
    const end = block.lastIndexOf(LF) + 1 || block.length;
    yield block.subarray(0, end);
    pieces = [block.subarray(end)];
    size = block.length - end;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

async function* smallPieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += BLOCK_BYTES) yield chunk.subarray(at, at + BLOCK_BYTES);
  }
}

function checkLines(lines: Buffer, firstLineNo: number): void {
  const isAllText = isText(lines);
  let lineNo = firstLineNo;
  for (let at = 0; at < lines.length; lineNo += 1) {
    const end = lines.indexOf(LF, at) + 1 || lines.length;
    if (end - at > MAX_LINE_BYTES) throw new BillUnreadable('line_too_long', lineNo);
    if (!isAllText && !isText(lines.subarray(at, end))) throw new BillUnreadable('not_text', lineNo);
    at = end;
  }
}

/** Postgres keeps no NUL. */
const isText = (lines: Buffer): boolean => isUtf8(lines) && !lines.includes(NUL);
