import { readFile, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { replaceFile } from '../../src/embedded/write-file.js';
import { ROOT } from '../../src/entries/root.js';
import { workflowBundle } from '../../src/entries/workflow-bundle.js';

const BUILT = join(ROOT, 'node_modules/.cache/paysaga/built');

/** A module of the built program, as a process or to import: a run starts some two hundred processes, from source each would take thrice as long. */
export const builtFile = (source: string): string => join(BUILT, source.replace(/\.tsx?$/, '.js'));

export const importBuilt = (source: string): Promise<unknown> => import(pathToFileURL(builtFile(source)).href);

/** The program of `npm run build`, in few files. Only what changed is written: another run may be using the rest. */
export async function build(): Promise<void> {
  const bundle = await workflowBundle();
  if (!('code' in bundle)) throw new Error('a checkout holds no prebuilt bundle');
  for (const { path, text } of await modules()) await keep(path, text);
  await keep(join(BUILT, 'workflow-bundle.js'), bundle.code);
  await keep(join(BUILT, 'package.json'), await readFile(join(ROOT, 'package.json'), 'utf8'));
  await symlink(join(ROOT, 'src/db/migrations'), join(BUILT, 'src/entries/migrations')).catch(unlessThere);
}

export const KILLABLE_WORKER = 'test/support/killable-worker-process.ts';

const PROCESSES = ['cli', 'demo', 'migrate', 'sandbox', 'serve', 'start', 'worker'];

async function modules(): Promise<esbuild.OutputFile[]> {
  const { dependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Package;
  const packages = Object.keys(dependencies).filter((name) => name !== INLINED);
  const { outputFiles } = await esbuild.build({
    absWorkingDir: ROOT,
    tsconfig: 'tsconfig.build.json',
    entryPoints: [...[...PROCESSES, 'stack/dev-stack'].map((entry) => `src/entries/${entry}.ts`), KILLABLE_WORKER],
    external: packages.flatMap((name) => [name, `${name}/*`]),
    outbase: '.',
    outdir: relative(ROOT, BUILT),
    // Where modules look for what lies beside them.
    chunkNames: 'src/entries/[hash]',
    bundle: true,
    splitting: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'error',
  });
  return outputFiles;
}

type Package = { readonly dependencies: Readonly<Record<string, string>> };

/** Node 24 reads all of a package's `package.json` again for each of its modules, and this one's are 180 KB and 200. */
const INLINED = 'drizzle-orm';

async function keep(path: string, text: string): Promise<void> {
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== text) await replaceFile(path, text);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
