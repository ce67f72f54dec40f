import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Whether Python, its venv and pip are there. Without them its tests are skipped aloud; in CI they fail instead. */
export function canRunPython(): boolean {
  const { status } = spawnSync('python3', ['-c', 'import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 10))']);
  if (status === 0 || process.env['CI'] === 'true') return true;
  console.warn('The shop in Python is not tested: it wants Python 3.10 with venv and pip (Debian: python3-venv)');
  return false;
}

/** A Python of its own in this folder, with what the file names; answers its path. */
export async function pythonWith(requirements: string, folder: string): Promise<string> {
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  return join(folder, 'bin/python');
}
