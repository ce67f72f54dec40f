import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startCommand } from '../../support/command.js';
import { stackEnvironment } from '../../support/dev-stack.js';
import { processesOf } from '../../support/processes-of.js';

/** `npm run lab` to its end, in a temporary folder of its own. */
export async function runLab(...options: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'paysaga-lab-test-'));
  const environment = { ...stackEnvironment(join(folder, 'unused')), TMPDIR: folder };
  const lab = startCommand('npm', ['run', 'lab', '--', ...options], environment);
  onTestFinished(async () => {
    lab.signal('SIGINT');
    await lab.exited;
    await rm(folder, { recursive: true, force: true });
  });
  const ended = await lab.exited;
  return {
    ...ended,
    last: ended.stdout.trimEnd().split('\n').at(-1),
    left: {
      processes: () => processesOf(folder),
      folders: async () => (await readdir(folder)).filter((name) => name.startsWith('paysaga')),
    },
  };
}
