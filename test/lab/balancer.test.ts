import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startBalancer } from '../../lab/balancer.js';

async function ingress(name: string): Promise<{ port: number; end(): Promise<unknown> }> {
  const server = createServer((_, response) => response.setHeader('connection', 'close').end(name));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const end = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => {
    await end();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, end };
}

describe('the balancer', () => {
  test('leads to one ingress after the other, past one that is away, and refuses where none is there', async () => {
    const [first, second] = [await ingress('first'), await ingress('second')];
    const balancer = await startBalancer();
    onTestFinished(async () => {
      await balancer.stop();
    });
    const ask = async () => (await fetch(`http://127.0.0.1:${balancer.port}/`)).text();

    await expect(ask()).rejects.toThrow();
    balancer.to([first.port, second.port]);
    expect([await ask(), await ask(), await ask()].toSorted()).toSatisfy(
      (names: readonly string[]) => new Set(names).size === 2,
    );
    await first.end();
    expect([await ask(), await ask()]).toEqual(['second', 'second']);
    await second.end();
    await expect(ask()).rejects.toThrow();
  });
});
