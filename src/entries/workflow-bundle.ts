import type { WorkflowBundleOption } from '@temporalio/worker';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../embedded/write-file.js';
import { isCompiled, moduleOf, ROOT } from './root.js';

/** Where `npm run build` puts the prebuilt bundle: beside the compiled workflows. */
export const PREBUILT = join(ROOT, 'workflow-bundle.js');

/** The prebuilt bundle in a built tree; from source the kept one, while the sources are the same. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  if (existsSync(PREBUILT)) return { codePath: PREBUILT };
  return isCompiled ? bundleFromSource() : keptBundle(ROOT, bundleFromSource);
}

export async function bundleFromSource(): Promise<{ code: string }> {
  const quiet = { trace: ignore, debug: ignore, info: ignore, log: ignore, warn: console.warn, error: console.error };
  const workflowsPath = moduleOf('workflows/index');
  // Loads the SDK's native module, which other callers of this file do without.
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: quiet });
  return { code };
}

const ignore = (): void => undefined;

/** Bundling takes seconds, and every worker needs the same. A bundle that cannot be kept is made again. */
export async function keptBundle(root: string, make: () => Promise<{ code: string }>): Promise<{ code: string }> {
  const file = join(root, 'node_modules/.cache/paysaga/workflow-bundle');
  const key = await keyOfSources(root).catch(ignore);
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (key !== undefined && kept.startsWith(`${key}\n`)) return { code: kept.slice(key.length + 1) };
  const made = await make();
  if (key !== undefined) await replaceFile(file, `${key}\n${made.code}`).catch(ignore);
  return made;
}

async function keyOfSources(root: string): Promise<string> {
  const hash = createHash('sha256');
  const folders = ['workflows', 'activities', 'src'].map((folder) => join(root, folder));
  const found = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
  const sources = found.flat().filter(({ name }) => /\.[cm]?[jt]sx?$/.test(name));
  const files = sources.map(({ parentPath, name }) => join(parentPath, name)).sort();
  for (const file of [...files, join(root, 'tsconfig.json'), join(root, 'node_modules/.package-lock.json')]) {
    const content = createHash('sha256').update(await readFile(file));
    hash.update(`${file}\0`).update(content.digest());
  }
  return hash.digest('hex');
}
