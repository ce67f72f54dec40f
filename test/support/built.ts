import { mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { replaceFile } from '../../src/embedded/write-file.js';
import { workflowBundle } from '../../src/entries/workflow-bundle.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = join(ROOT, 'node_modules/.cache/paysaga/built');

/** A module of the built program, as a process or to import: the processes of a run start in half the time that they take from source. */
export const builtFile = (source: string): string => join(BUILT, source.replace(/\.tsx?$/, '.js'));

export const importBuilt = (source: string): Promise<unknown> => import(pathToFileURL(builtFile(source)).href);

/** What `npm run build` makes, without its checks. Only what changed is written: another run may be using the rest. */
export async function build(): Promise<void> {
  const bundle = await workflowBundle();
  if (!('code' in bundle)) throw new Error('a checkout holds no prebuilt bundle');
  await compile();
  await replaceFile(join(BUILT, 'workflow-bundle.js'), bundle.code);
  await replaceFile(join(BUILT, 'package.json'), '{ "type": "module" }');
  await mkdir(join(BUILT, 'src/db'), { recursive: true });
  await symlink(join(ROOT, 'src/db/migrations'), join(BUILT, 'src/db/migrations')).catch(unlessThere);
}

/** A module at a time, as `isolatedModules` allows, and only those that are older than what they are made of. */
async function compile(): Promise<void> {
  const { fileNames, options } = buildConfig();
  // By itself it does not read that the package's modules are ES modules.
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext };
  const shared = Math.max(...(await Promise.all(SHARED.map((name) => changedAt(join(ROOT, name))))));
  for (const file of fileNames) {
    const target = builtFile(relative(ROOT, file));
    const [from, to] = await Promise.all([changedAt(file), changedAt(target)]);
    if (to > Math.max(from, shared)) continue;
    const source = await readFile(file, 'utf8');
    const made = ts.transpileModule(source, { compilerOptions, fileName: file });
    await replaceFile(`${target}.map`, made.sourceMapText ?? '');
    await replaceFile(target, made.outputText);
  }
}

/** What every module is made with. */
const SHARED = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

function buildConfig(): ts.ParsedCommandLine {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.build.json'), { outDir: BUILT }, host);
  if (config === undefined) throw new Error('tsconfig.build.json cannot be read');
  return config;
}

/** 0 for what is not there. */
async function changedAt(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
