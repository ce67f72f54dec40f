import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { root } from '../docs/documents.js';

type Locked = { readonly license?: string; readonly dev?: true; readonly version?: string };

/** A folder of a project that depends on these packages, by name. */
export async function projectOf(locked: Readonly<Record<string, Locked>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-packages-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const dependencies = Object.fromEntries(Object.keys(locked).map((name) => [name, '1.0.0'] as const));
  const project = { name: 'shop', version: '1.0.0', dependencies };
  const rows = Object.entries(locked).map(
    ([name, fields]) => [`node_modules/${name}`, { version: '1.0.0', ...fields }] as const,
  );
  const packages = { '': project, ...Object.fromEntries(rows) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(project));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ ...project, lockfileVersion: 3, packages }));
  return folder;
}

/** Runs a script of `scripts/` about the project in a folder. */
export async function runScript(name: string, folder: string, environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'scripts', name), folder], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}
