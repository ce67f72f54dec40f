/** `2026-03-01 02:00:00Z`: nobody decides by milliseconds. */
export const readableTime = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');

/** Two columns without a head. */
export const tableOf = (rows: readonly (readonly [string, string])[]): string[] => [
  '| | |',
  '|---|---|',
  ...rows.map(([name, value]) => `| ${name} | ${value} |`),
];

/** Commands to paste, one option a line: the Temporal UI's column is narrow. */
export function codeBlocks(commands: readonly string[]): string[] {
  if (commands.length === 0) return [];
  return ['```sh', ...commands.map((command) => command.replaceAll(' --', ' \\\n  --')), '```', ''];
}
