import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { parseMchid, parseOrderNo, parseOutRefundNo, parseRefundNo } from '../../base/ids.js';
import { MAX_ORDER_FEN } from '../../base/money.js';
import type { Result } from '../../base/result.js';
import { textProblem } from '../../base/text.js';
import { CliFailure, EXIT } from './command.js';

export type ApiOptions = { readonly mchid?: string; readonly json?: true };

export type ReasonOptions = ApiOptions & { readonly reason: string };

export const withApiOptions = (command: Command): Command =>
  command
    .option('--mchid <mchid>', 'the merchant, for a key with several', mchid)
    .option('--json', "print the API's answer instead of tables");

export const withReason = (command: Command): Command =>
  command.requiredOption('--reason <text>', "why; kept with your key's name", reason);

export type PageOptions = { readonly limit?: number; readonly all?: true };

export const withPage = (command: Command): Command =>
  command.option('--limit <n>', 'at most so many; default 50', count).option('--all', 'every one of them');

/** How much of a list is asked for. */
export function pageLimit({ limit, all }: PageOptions): number | 'all' {
  if (all === true && limit !== undefined) throw new CliFailure(EXIT.usage, '--all has no --limit');
  return all === true ? 'all' : (limit ?? 50);
}

export type SearchOptions = {
  readonly q?: string | undefined;
  readonly amount?: number | undefined;
  readonly amountFen?: number | undefined;
};

export const withSearch = (command: Command): Command =>
  command
    .option('--q <text>', 'a whole number, or words that something begins with; Chinese in any part', words)
    .option('--amount <yuan>', 'of exactly this amount, in yuan, like 88.00', fenOfYuan)
    .option('--amount-fen <fen>', 'the same in fen', fenOf);

/** As the API takes them. Throws {@link CliFailure} for an amount that is given twice. */
export function searchOf({ q, amount, amountFen }: SearchOptions): { q?: string; amountFen?: string } {
  if (amount !== undefined && amountFen !== undefined)
    throw new CliFailure(EXIT.usage, '--amount and --amount-fen are the same: give one');
  const fen = amount ?? amountFen;
  return { ...(q === undefined ? {} : { q }), ...(fen === undefined ? {} : { amountFen: String(fen) }) };
}

function words(text: string): string {
  if (!/^.{2,64}$/su.test(text.trim())) throw new InvalidArgumentError('From 2 to 64 characters.');
  return text.trim();
}

function fenOf(text: string): number {
  const fen = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (fen < 1 || fen > MAX_ORDER_FEN) throw new InvalidArgumentError('An amount in fen is like 8800.');
  return fen;
}

export const mchid = (text: string): string => known(parseMchid(text), 'An mchid is 6 to 32 digits.');

export const orderNo = (text: string): string => known(parseOrderNo(text), 'An orderNo is 6 to 32 of 0-9A-Za-z_-.');

export const orderNos = (text: string): readonly string[] => text.split(',').map((part) => orderNo(part.trim()));

export const newRefundNo = (text: string): string =>
  known(parseRefundNo(text), 'A refundNo is 1 to 64 of 0-9A-Za-z_-.');

export const refundNo = (text: string): string =>
  known(parseOutRefundNo(text), 'A refund has 1 to 64 of 0-9A-Za-z_-|*@ at WeChat Pay.');

export function rowId(text: string): string {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError('An id is a UUID.');
  return text;
}

const REASON_BYTES = 500;

export const reason = (text: string): string => limitedText(text, REASON_BYTES);

/** Throws for text that the API would refuse. */
export function limitedText(text: string, maxBytes: number): string {
  const problem = textProblem(text);
  if (problem === 'invisible') throw new InvalidArgumentError('Say why.');
  if (problem === 'steering') throw new InvalidArgumentError('No control characters, no changes of direction.');
  if (Buffer.byteLength(text) > maxBytes) throw new InvalidArgumentError(`At most ${maxBytes} bytes of UTF-8.`);
  return text;
}

const instant = z.iso.datetime({ offset: true });

/** A day is its first moment, in Beijing. */
export function instantOf(text: string): string {
  if (z.iso.date().safeParse(text).success) return `${text}T00:00:00+08:00`;
  if (instant.safeParse(text).success) return text;
  throw new InvalidArgumentError(
    'A time is like 2026-11-22T08:00:00Z, or a day like 2026-11-22, which begins in Beijing.',
  );
}

export function dayOf(text: string): string {
  if (!z.iso.date().safeParse(text).success) throw new InvalidArgumentError('A day is like 2026-11-22, in Beijing.');
  return text;
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A number from 1 to 999999.');
  return Number(text);
}

export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('a port is 0 to 65535');
  return number;
}

/** Yuan as people write them, `12.34`, to fen; nothing is rounded. */
export function fenOfYuan(text: string): number {
  const [, whole = '', cents = ''] = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  const fen = whole === '' ? 0 : Number(whole) * 100 + Number(cents.padEnd(2, '0'));
  if (fen < 1 || fen > MAX_ORDER_FEN) throw new InvalidArgumentError('An amount in yuan is like 12.34.');
  return fen;
}

export const wordOf =
  <Word extends string>(words: readonly Word[]) =>
  (text: string): Word => {
    const word = words.find((it) => it === text);
    if (word === undefined) throw new InvalidArgumentError(`One of ${words.join(', ')}.`);
    return word;
  };

function known(parsed: Result<string, string>, hint: string): string {
  if (!parsed.ok) throw new InvalidArgumentError(hint);
  return parsed.value;
}

/** Seconds by which the sandbox's world begins earlier. */
export function clockOffset(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !(Math.abs(seconds) <= TEN_YEARS_SECONDS))
    throw new InvalidArgumentError('up to ten years of seconds');
  return seconds;
}

const TEN_YEARS_SECONDS = 10 * 365 * 86_400;
