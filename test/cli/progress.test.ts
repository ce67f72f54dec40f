import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./support/progress-process.ts', import.meta.url));
const [HIDDEN, SHOWN, CLEARED] = ['\u001B[?25l', '\u001B[?25h', '\u001B[2K'];

function start(how: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  let terminal = '';
  child.stderr.on('data', (chunk: Buffer) => (terminal += chunk.toString()));
  const started = once(child.stdout, 'data');
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, terminal }));
  return { child, started, ended };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('a bar that %s interrupts leaves an empty line and its cursor', async (signal, code) => {
  const bar = start('goes on');
  await bar.started;
  bar.child.kill(signal);
  const ended = await bar.ended;
  expect(ended.code).toBe(code);
  expect(ended.terminal).toContain(HIDDEN);
  expect(ended.terminal.lastIndexOf(SHOWN)).toBeGreaterThan(ended.terminal.lastIndexOf(HIDDEN));
  expect(ended.terminal.lastIndexOf(CLEARED)).toBeGreaterThan(ended.terminal.lastIndexOf('/10'));
});

test('a bar gives the cursor back when the process breaks', async () => {
  const ended = await start('throws').ended;
  expect(ended.code).toBe(1);
  expect(ended.terminal.lastIndexOf(SHOWN)).toBeGreaterThan(ended.terminal.lastIndexOf(HIDDEN));
});

test('a bar that was stopped writes nothing any more, whatever still steps', async () => {
  const ended = await start('stops').ended;
  expect(ended.code).toBe(0);
  expect(ended.terminal).toMatch(/said afterwards$/);
});
