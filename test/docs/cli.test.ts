import { expect, test } from 'vitest';
import { BULK_ACTIONS } from '../../src/bulk/rules/bulk.js';
import { RESOLVE_ACTIONS } from '../../src/orders/rules/states.js';
import { REFUND_RESOLVE_ACTIONS } from '../../src/refunds/rules/states.js';
import { run } from '../cli/support/run.js';
import { read } from './documents.js';

type Command = { readonly path: string; readonly options: readonly string[] };

const SAME = /^the same as /;

/** Every command that help shows, and its own options; not those that are only the long name of another. */
async function commandsUnder(path: readonly string[]): Promise<readonly Command[]> {
  const { out } = await run([...path, '--help']);
  const [, section = ''] = /^Commands:\n((?: .*\n)+)/m.exec(out) ?? [];
  const names = [...section.matchAll(/^ {2}([a-z]+)(?: [<[].*?)? {2,}(.*)$/gm)].filter(([, name]) => name !== 'help');
  const under = names.map(([, name = '', what = '']) => ({ path: [...path, name], isAlias: SAME.test(what) }));
  const below = (await Promise.all(under.map((command) => commandsUnder(command.path)))).flat();
  const aliases = under.filter(({ isAlias }) => isAlias).map((command) => command.path.join(' '));
  const options = below.filter((command) => aliases.includes(command.path)).flatMap((command) => command.options);
  const own = [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);
  const rest = below.filter((command) => !aliases.includes(command.path));
  return path.length === 0 ? rest : [{ path: path.join(' '), options: [...own, ...options] }, ...rest];
}

const guide = read('docs/cli.md').text;
const commands = await commandsUnder([]);
/** What stands in code, up to the first argument or option. */
const named = new Set(
  [...guide.matchAll(/`([a-z][a-z ]*[a-z])(?= *[`<[\\]| --)/g)].map(([, path = '']) => path.replace(/^paysaga /, '')),
);

test('the guide to the command line has every command', () => {
  expect(commands.length).toBeGreaterThan(20);
  // `events` and `keys` alone only lead to what is under them.
  const leads = (path: string): boolean => commands.some((command) => command.path.startsWith(`${path} `));
  const missing = commands.filter(({ path }) => !named.has(path) && !leads(path));
  expect(missing.map(({ path }) => path)).toEqual([]);
});

test('the guide to the command line has every option', () => {
  const options = new Set(commands.flatMap((command) => command.options));
  expect([...options].filter((option) => !new RegExp(`${option}\\b`).test(guide))).toEqual([]);
});

test('the guide to the command line has no command that is not there', () => {
  const paths = commands.map(({ path }) => path);
  const rows = [...guide.matchAll(/^\| command \|.*\n((?:\|.*\n)+)/gm)].flatMap(([, body = '']) => body.split('\n'));
  const cells = rows.flatMap((row) => [...(/^\| `.*?` \|/.exec(row)?.[0] ?? '').matchAll(/`([a-z ]*[a-z])[^`]*`/g)]);
  const listed = cells.map(([, path = '']) => path);
  expect(listed.length).toBeGreaterThan(20);
  expect(listed.filter((cell) => !paths.some((path) => cell === path || cell.startsWith(`${path} `)))).toEqual([]);
});

test.each(['docs/shop.md', 'docs/shop.zh.md', 'docs/cli.md', 'docs/operations.md'])(
  '%s names all that can be done to many orders at once',
  (path) => {
    const { text } = read(path);
    expect(BULK_ACTIONS.filter((action) => !text.includes(`\`${action}\``))).toEqual([]);
  },
);

test.each(['docs/shop.md', 'docs/shop.zh.md', 'docs/cli.md'])('%s names every decision', (path) => {
  const { text } = read(path);
  const decisions = [...RESOLVE_ACTIONS, ...REFUND_RESOLVE_ACTIONS];
  expect(decisions.filter((action) => !new RegExp(`[\`| ]${action}[\`\\\\]`).test(text))).toEqual([]);
});
