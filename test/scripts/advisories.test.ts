import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { projectOf, runScript } from './packages.js';

/** A registry that knows of `canary` what it is given. */
async function registry(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    const versions = { '1.0.0': { name: 'canary', version: '1.0.0' } };
    if (request.method === 'POST') answer(response);
    else response.end(JSON.stringify({ name: 'canary', 'dist-tags': { latest: '1.0.0' }, versions }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const advisory = (severity: string) => (response: ServerResponse) =>
  response.end(
    JSON.stringify({
      canary: [
        {
          id: 1,
          url: 'https://example.com/GHSA-1',
          title: 'sings',
          severity,
          vulnerable_versions: '<2',
          cwe: [],
          cvss: {},
        },
      ],
    }),
  );

async function advisories(url: string, dev?: true) {
  const folder = await projectOf({ canary: { license: 'MIT', ...(dev && { dev }) } });
  return runScript('advisories.ts', folder, { npm_config_registry: url, npm_config_cache: `${folder}/cache` });
}

test.each(['high', 'critical'])('a %s advisory fails, with the package and what it is', async (severity) => {
  const { code, err } = await advisories(await registry(advisory(severity)));
  expect(code).toBe(1);
  expect(err).toContain(`canary: ${severity}: sings (https://example.com/GHSA-1)`);
});

test.each(['low', 'moderate'])('a %s advisory is told and fails nothing', async (severity) => {
  const { code, out } = await advisories(await registry(advisory(severity)));
  expect([code, out]).toEqual([0, expect.stringContaining(`canary: ${severity}: sings`)]);
});

test('no advisory is said to be none', async () => {
  const { code, out } = await advisories(await registry((response) => response.end('{}')));
  expect([code, out]).toEqual([0, expect.stringContaining('no advisory')]);
});

test.each<[string, (response: ServerResponse) => void, string]>([
  ['does not serve advisories', (response) => response.writeHead(405).end('{}'), '405'],
  ['is broken', (response) => response.writeHead(500).end('no JSON'), '500'],
  ['hangs up', (response) => response.destroy(), 'no answer'],
])('a registry that %s fails nothing, and it is said aloud that nobody looked', async (_, answer, why) => {
  const { code, err } = await advisories(await registry(answer));
  expect([code, err]).toEqual([0, expect.stringMatching(new RegExp(`NOT CHECKED.*${why}`)) as string]);
});

test('a registry that is away fails nothing either', async () => {
  const { code, err } = await advisories('http://127.0.0.1:9/');
  expect([code, err]).toEqual([0, expect.stringContaining('NOT CHECKED')]);
});

test('what is wrong here fails: no silence about a lockfile that is not there', async () => {
  const { code, err } = await runScript('advisories.ts', '/nowhere/at/all');
  expect(code).toBe(1);
  expect(err).not.toContain('NOT CHECKED');
});
