import { expect, test, vi } from 'vitest';
import { createStack, type Running } from '../../src/embedded/stack.js';

function part(
  name: string,
  log: string[],
  stop: () => Promise<void> = () => Promise.resolve(),
): () => Promise<Running> {
  return () => {
    log.push(`start ${name}`);
    return Promise.resolve({
      stop: () => {
        log.push(`stop ${name}`);
        return stop();
      },
      kill: () => {
        log.push(`kill ${name}`);
        return Promise.resolve();
      },
    });
  };
}

test('parts are stopped in the reverse order of their start', async () => {
  const log: string[] = [];
  const stack = createStack(() => undefined);
  for (const name of ['temporal', 'postgres', 'worker']) await stack.start(name, part(name, log));
  await stack.stopAll();
  expect(log.slice(3)).toEqual(['stop worker', 'stop postgres', 'stop temporal']);
});

test('when a part does not start, those before it are stopped and the error is thrown on', async () => {
  const log: string[] = [];
  const stack = createStack(() => undefined);
  await stack.start('temporal', part('temporal', log));
  await expect(stack.start('postgres', () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(log).toEqual(['start temporal', 'stop temporal']);
});

test('a part that takes long to start is told again and again, until it runs', async () => {
  vi.useFakeTimers();
  try {
    const lines: string[] = [];
    const stack = createStack((line) => lines.push(line));
    const started = stack.start('the worker', async () => {
      await new Promise((resolve) => setTimeout(resolve, 25_000));
      return { stop: () => Promise.resolve(), kill: () => Promise.resolve() };
    });
    await vi.advanceTimersByTimeAsync(100_000);
    await started;
    expect(lines).toEqual(['Still starting the worker, for 10 s', 'Still starting the worker, for 20 s']);
  } finally {
    vi.useRealTimers();
  }
});

test('a part that does not stop is named and does not keep the others running', async () => {
  const log: string[] = [];
  const stack = createStack(() => undefined);
  await stack.start('temporal', part('temporal', log));
  await stack.start(
    'postgres',
    part('postgres', log, () => Promise.reject(new Error('busy'))),
  );
  await expect(stack.stopAll()).rejects.toThrow('postgres did not stop');
  expect(log.at(-1)).toBe('stop temporal');
});

test('a part that was starting while the stack was stopped is stopped too', async () => {
  const log: string[] = [];
  const stack = createStack(() => undefined);
  const starting = stack.start('slow', async () => {
    await stack.stopAll();
    return part('slow', log)();
  });
  await expect(starting).rejects.toThrow('Stopped while slow was starting');
  expect(log).toEqual(['start slow', 'stop slow']);
});

test('the first interrupt stops in order, the second kills', async () => {
  const log: string[] = [];
  const stack = createStack(() => undefined);
  const interrupted = stack.untilInterrupted();
  await stack.start('temporal', part('temporal', log));
  await stack.start(
    'stuck',
    part('stuck', log, () => new Promise(() => undefined)),
  );
  process.emit('SIGINT');
  process.emit('SIGINT');
  await interrupted;
  expect(log.slice(2)).toEqual(['stop stuck', 'kill temporal', 'kill stuck']);
  expect(process.listenerCount('SIGINT')).toBe(0);
});

test('an interrupt leaves nothing running and no listener behind', async () => {
  const log: string[] = [];
  const stack = createStack(() => undefined);
  await stack.start('temporal', part('temporal', log));
  const listeners = process.listenerCount('SIGTERM');
  const interrupted = stack.untilInterrupted();
  process.emit('SIGTERM');
  await interrupted;
  expect(log).toEqual(['start temporal', 'stop temporal']);
  expect(process.listenerCount('SIGTERM')).toBe(listeners);
});
