import { zonedTime } from '../../../base/time.js';

export const readableTime = (ms: number): string => zonedTime(new Date(ms));

/** Two columns without a head; a row without a value is left out. */
export const tableOf = (rows: readonly (readonly [string, string | null])[]): string[] => [
  '| | |',
  '|---|---|',
  ...rows.flatMap(([name, value]) => (value === null ? [] : [`| ${name} | ${value} |`])),
];

/** The Temporal UI's frame for current details is a line too low and hides the last one. */
export const LAST_LINE = ['', '&nbsp;'] as const;

/** Commands to paste, one option a line: the Temporal UI's column is narrow. */
export function codeBlocks(commands: readonly string[]): string[] {
  if (commands.length === 0) return [];
  return ['```sh', ...commands.map((command) => command.replaceAll(' --', ' \\\n  --')), '```', ''];
}
