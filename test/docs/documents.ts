import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export type Document = { readonly path: string; readonly text: string };

export const read = (path: string): Document => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') });

const NOT_OURS = ['.git', 'node_modules', 'dist', 'coverage', '.paysaga'];

/** Every Markdown file of the project. */
export const documents = (): readonly Document[] => filesIn('', /\.md$/);

/** Every text file of a folder: sources, documents, settings. */
export const textsIn = (folder: string): readonly Document[] =>
  filesIn(folder, /\.(ts|tsx|js|md|ya?ml|json|sql|sh|svg)$/);

function filesIn(folder: string, names: RegExp): readonly Document[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.includes(entry.name) ? [] : filesIn(path, names);
    return names.test(entry.name) ? [read(path)] : [];
  });
}

const FENCE = /^```(\w*)\n(.*?)^```$/gms;

/** The fenced blocks of a language. */
export const blocks = ({ text }: Document, language: string): readonly string[] =>
  [...text.matchAll(FENCE)].filter(([, name]) => name === language).map(([, , code = '']) => code);

/** What a reader sees as prose: no fenced blocks. */
export const prose = ({ text }: Document): string => text.replaceAll(FENCE, '');

/** The levels of the headings, in their order. */
export const headingLevels = (document: Document): readonly number[] =>
  [...prose(document).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);

/** The anchors that GitHub gives the headings. */
export const anchors = (document: Document): readonly string[] =>
  [...prose(document).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Targets of links and images, Markdown's and HTML's, but for other sites. */
export const relativeTargets = (document: Document): readonly string[] => {
  const text = prose(document).replaceAll(/`[^`\n]*`/g, '');
  const found = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)];
  return found.map(([, link, attribute]) => link ?? attribute ?? '').filter((target) => !/^[a-z]+:/.test(target));
};

/** The first column of the table whose first row is about `name`. */
export function firstColumn(document: Document, name: string): readonly string[] {
  const rows = document.text.split('\n');
  const start = rows.findIndex((row) => row.startsWith(`| \`${name}\` |`));
  const end = rows.findIndex((row, index) => index > start && !row.startsWith('|'));
  return rows.slice(start, end).map((row) => /^\| `([^`]+)` \|/.exec(row)?.[1] ?? row);
}

/**
 * The calls that a document's table lists, `METHOD /path` each. A method holds until the next one, and `…` stands for the path
 * before it, to its last parameter.
 */
export function listedCalls({ text }: Document): readonly string[] {
  const rows = text.split('\n').filter((row) => /^\|[^|`]*`(GET|POST) \/v1\//.test(row));
  return rows.flatMap((row) => {
    let [method, stem] = ['', ''];
    return [...(row.split('|')[1] ?? '').matchAll(/`(?:([A-Z]+) )?(…?)(\/[^`?]*)[^`]*`/g)].map(
      ([, named, continued, rest = '']) => {
        method = named ?? method;
        const path = continued === '…' ? stem + rest : rest;
        stem = /^.*\}/.exec(path)?.[0] ?? path;
        return `${method} ${path}`;
      },
    );
  });
}
