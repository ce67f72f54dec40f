import { startProgress } from '../../../src/cli/kit/progress.js';

/** A bar as a person sees it, in a process that a test ends; the argument says how. */
const terminal = Object.assign(process.stderr, { isTTY: true, columns: 80 });
const environment = { config: { home: '.' }, stdout: process.stdout, stderr: process.stderr, now: () => new Date() };
const progress = startProgress({ ...environment, terminal }, 10);
progress.step();
process.stdout.write('started\n');
const [how] = process.argv.slice(2);
if (how === 'throws') throw new Error('broken');
if (how === 'stops') {
  progress.stop();
  terminal.write('said afterwards');
  progress.step();
  progress.to(10);
  progress.stop();
} else setInterval(() => progress.step(), 20);
