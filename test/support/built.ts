import { execFile } from 'node:child_process';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { workflowBundle } from '../../src/entries/workflow-bundle.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = join(ROOT, 'node_modules/.cache/paysaga/built');

/** A module of the built program, as a process or to import: the processes of a run start in half the time that they take from source. */
export const builtFile = (source: string): string => join(BUILT, source.replace(/\.tsx?$/, '.js'));

export const importBuilt = (source: string): Promise<unknown> => import(pathToFileURL(builtFile(source)).href);

/** What `npm run build` makes, without its checks. Only what changed is written: another run may be using the rest. */
export async function build(): Promise<void> {
  const options = ['--noCheck', '--incremental', '--tsBuildInfoFile', join(BUILT, 'tsbuildinfo'), '--outDir', BUILT];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const compiled = promisify(execFile)(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), ...options]);
  const bundle = await workflowBundle();
  if (!('code' in bundle)) throw new Error('a checkout holds no prebuilt bundle');
  await compiled;
  await replace(join(BUILT, 'workflow-bundle.js'), bundle.code);
  await replace(join(BUILT, 'package.json'), '{ "type": "module" }');
  await mkdir(join(BUILT, 'src/db'), { recursive: true });
  await symlink(join(ROOT, 'src/db/migrations'), join(BUILT, 'src/db/migrations')).catch(unlessThere);
}

async function replace(file: string, content: string): Promise<void> {
  const own = `${file}.${process.pid}`;
  await writeFile(own, content);
  await rename(own, file);
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
