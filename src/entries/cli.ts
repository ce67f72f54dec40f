import { runCli } from '../cli/cli.js';
import { readConfig } from '../config.js';
import { runProcess } from './process.js';

await runProcess('paysaga', async () => {
  const { databaseUrl, home } = readConfig();
  process.exitCode = await runCli(process.argv.slice(2), {
    config: { home, ...(databaseUrl === undefined ? {} : { databaseUrl }) },
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => new Date(),
  });
});
