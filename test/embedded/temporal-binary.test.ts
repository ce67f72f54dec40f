import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTemporal, serverIsNewEnough, TEMPORAL_VERSION } from '../../src/embedded/temporal-binary.js';

const NEW = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)';
const OLD = 'temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)';
const NOWHERE = 'http://127.0.0.1:1';

let folder: string;
let said: string[];
const closing: (() => void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paysaga-binary-'));
  said = [];
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await rm(folder, { recursive: true });
});

/** Answers the folder of a program that is a shell script. */
async function program(name: string, script: string): Promise<string> {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
  return bin;
}

const find = (path: string, downloadUrl = NOWHERE) =>
  findTemporal({
    env: { PATH: `${path}:/usr/bin:/bin` },
    cacheDir: join(folder, 'cache'),
    downloadUrl,
    onProgress: (line) => said.push(line),
  });

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function archive(): Promise<Buffer> {
  const bin = await program('temporal', `echo '${NEW}'`);
  execFileSync('tar', ['-czf', join(bin, 'a.tar.gz'), '-C', bin, 'temporal']);
  return readFile(join(bin, 'a.tar.gz'));
}

/** A `go` that counts its runs and builds a program that says `version`, once `until` holds. */
const fakeGo = (version: string, until = 'true') =>
  program(
    'go',
    `echo "$@" >> ${join(folder, 'go-runs')}
     while ! ${until}; do sleep 0.05; done
     printf '#!/bin/sh\\necho "${version}"\\n' > "$GOBIN/temporal" && chmod +x "$GOBIN/temporal"`,
  );
const goRuns = async () => (await readFile(join(folder, 'go-runs'), 'utf8')).trim().split('\n');

test.each([
  [NEW, true],
  ['temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)', true],
  ['temporal version 9.0.0 (Server 2.0.0, UI 3.0.0)', true],
  ['temporal version 1.6.0 (Server 1.30.1, UI 2.45.0)', true],
  [OLD, false],
  ['temporal version 0.9.0 (Server 0.99.0, UI 1.0.0)', false],
  ['tctl version 1.18.4', false],
])('%s: its server is new enough: %s', (line, expected) => {
  expect(serverIsNewEnough(line)).toBe(expected);
});

test('a temporal on PATH that is new enough is taken', async () => {
  const bin = await program('temporal', `echo '${NEW}'`);
  expect(await find(bin)).toBe(join(bin, 'temporal'));
});

test('a temporal on PATH that is too old is passed over for the cached one', async () => {
  const bin = await program('temporal', `echo '${OLD}'`);
  const cached = join(folder, 'cache', `temporal-${TEMPORAL_VERSION}-${platform()}-${arch()}`);
  await mkdir(cached, { recursive: true });
  await writeFile(join(cached, 'temporal'), `#!/bin/sh\necho '${NEW}'\n`, { mode: 0o755 });
  expect(await find(bin)).toBe(join(cached, 'temporal'));
  expect(said).toEqual([]);
});

describe('the download', () => {
  test('fetches the archive of this platform, says how far it is and keeps the program', async () => {
    const body = await archive();
    const asked: string[] = [];
    const url = await listen((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'content-length': body.length }).end(body);
    });
    const path = await find('/nowhere', url);
    expect(execFileSync(path, ['--version'], { encoding: 'utf8' })).toBe(`${NEW}\n`);
    const architecture = arch() === 'x64' ? 'amd64' : arch();
    expect(asked).toEqual([`/cli/archive/v${TEMPORAL_VERSION}?platform=${platform()}&arch=${architecture}`]);
    expect(said.at(-1)).toBe('Downloading Temporal: 100 %');
    expect(await readdir(join(path, '..'))).toEqual(['temporal']);
    expect(await find('/nowhere', NOWHERE)).toBe(path);
  });

  test('that ends early leaves nothing behind and is followed by the build', async () => {
    const body = await archive();
    const url = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': body.length }).write(body.subarray(0, 20), () => response.destroy());
    });
    const path = await find(await fakeGo(NEW), url);
    expect(said).toContainEqual(expect.stringMatching(/^The download of Temporal failed/));
    expect(await readdir(join(path, '..'))).toEqual(['temporal']);
    expect(await goRuns()).toHaveLength(1);
  });

  test('of something that is no Temporal server is followed by the build', async () => {
    const bin = await program('temporal', `echo '${OLD}'`);
    execFileSync('tar', ['-czf', join(bin, 'a.tar.gz'), '-C', bin, 'temporal']);
    const body = await readFile(join(bin, 'a.tar.gz'));
    const path = await find(await fakeGo(NEW), await listen((_request, response) => response.end(body)));
    expect(execFileSync(path, { encoding: 'utf8' })).toBe(`${NEW}\n`);
  });
});

describe('the build', () => {
  test('installs the pinned version', async () => {
    await find(await fakeGo(NEW));
    expect(await goRuns()).toEqual([`install github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`]);
  });

  test('runs once for callers that come together', async () => {
    const allAreHere = join(folder, 'all-are-here');
    const go = await fakeGo(NEW, `test -e ${allAreHere}`);
    const finding = Promise.all([find(go), find(go), find(go)]);
    await expect.poll(() => said.filter((line) => line.startsWith('Waiting for another process'))).toHaveLength(2);
    await writeFile(allAreHere, '');
    expect(new Set(await finding).size).toBe(1);
    expect(await goRuns()).toHaveLength(1);
  });

  test('that fails is told with what the compiler said, and the three ways out', async () => {
    const go = await program('go', 'echo "go: no such module" >&2; exit 1');
    const failure = find(go);
    await expect(failure).rejects.toThrow(/TEMPORAL_ADDRESS.*on PATH.*temporal\.download.*Go/s);
    await expect(failure).rejects.toThrow(/go: no such module/);
  });
});

test('without network and Go the error names the three ways out', async () => {
  const failure = findTemporal({
    env: { PATH: '/nowhere' },
    cacheDir: join(folder, 'cache'),
    downloadUrl: NOWHERE,
    onProgress: () => undefined,
  });
  await expect(failure).rejects.toThrow(/Three ways out: set TEMPORAL_ADDRESS.*no `go` on PATH/s);
});
