import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/base/canonical-json.js';
import { alteredParts, evidenceFile } from '../../src/cli/evidence-file.js';
import { aDetail, MCHID } from './support/answers.js';
import { startFakeApi, type FakeApi } from './support/fake-api.js';
import { CANARY, run, type World } from './support/run.js';

const ABOUT = { mchid: MCHID, orderNo: 'A-1001', collectedAt: '2026-03-01T10:00:00.000Z', source: 'test', missing: [] };

describe('an evidence file', () => {
  it('hashes its parts as RFC 8785 writes them: keys sorted, no white space', () => {
    const value = { b: [1, { z: null, a: '€\n"' }], a: true, A: 1.5 };
    expect(canonicalJson(value)).toBe('{"A":1.5,"a":true,"b":[1,{"a":"€\\n\\"","z":null}]}');
    const { manifest } = evidenceFile(ABOUT, { one: {} });
    // printf '{}' | sha256sum
    expect(manifest.parts).toEqual([
      { name: 'one', sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' },
    ]);
  });

  it('is the same after it was written and read, dates included', () => {
    const file = evidenceFile(ABOUT, { one: { at: new Date(0), gone: undefined }, two: [1] });
    expect(alteredParts(JSON.parse(JSON.stringify(file, null, 7)))).toEqual([]);
  });

  it('names every part that was changed, taken out or put in', () => {
    const file = evidenceFile(ABOUT, { one: { a: 1 }, two: { b: 2 }, three: [] });
    const parts = { one: { a: 2 }, three: [], four: [] };
    expect(alteredParts({ ...file, parts })?.sort()).toEqual(['four', 'one', 'two']);
  });

  it.each([undefined, 7, {}, { manifest: { format: 'other/1' }, parts: {} }])('%j is none', (value) => {
    expect(alteredParts(value)).toBeUndefined();
  });
});

describe('paysaga evidence, away from database and Temporal', () => {
  let api: FakeApi;
  let folder: string;
  let out: string;
  let world: World;
  let files = 0;
  beforeAll(async () => {
    api = await startFakeApi();
    folder = await mkdtemp(join(tmpdir(), 'paysaga-evidence-'));
  });
  afterAll(async () => {
    await api.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    api.asked.length = 0;
    api.answer = ({ path }) => ({
      body: path.endsWith('/timeline') ? { items: [] } : aDetail('A-1001', { metadata: { prepayId: 'theirs' } }),
    });
    out = join(folder, `${(files += 1)}.json`);
    world = {
      config: {
        apiUrl: api.url,
        operatorKey: CANARY,
        databaseUrl: 'postgres://nobody:db-secret@127.0.0.1:1/nowhere',
        temporal: { connection: { address: '127.0.0.1:1', apiKey: 'temporal-secret' }, namespace: 'paysaga' },
        // How long Temporal, which is nowhere, is waited for; the API has it, too.
        timeoutMs: 3_000,
      },
    };
  });

  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as ReturnType<typeof evidenceFile>;

  it('writes what there is, for its owner alone, says what is missing, and is exit code 3', async () => {
    const { code, out: said, err } = await run(['evidence', 'A-1001', '--out', out], world);
    expect(code).toBe(3);
    expect(err).toContain('not complete');
    expect(said).toContain('order, timeline');
    expect(said).toMatch(/missing +database \(unreachable\)/);
    const { manifest, parts } = await read(out);
    expect(manifest).toMatchObject({ format: 'paysaga-evidence/1', mchid: MCHID, orderNo: 'A-1001' });
    expect(manifest.missing.map(({ part }) => part)).toEqual(['database', 'histories']);
    expect(Object.keys(parts)).toEqual(['order', 'timeline']);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
  });

  it('holds nothing one could pay with, and no key', async () => {
    await run(['evidence', 'A-1001', '--out', out], world);
    const text = await readFile(out, 'utf8');
    expect(text).not.toMatch(/secret|Canary|checkoutUrl|codeUrl/);
    // What the shop keeps with the order is the shop's.
    expect(text).toContain('"prepayId": "theirs"');
  });

  it('--json prints the manifest', async () => {
    const { out: said } = await run(['evidence', 'A-1001', '--out', out, '--json'], world);
    expect(JSON.parse(said)).toEqual((await read(out)).manifest);
  });

  it('replaces no file', async () => {
    await writeFile(out, 'mine');
    const { code, err } = await run(['evidence', 'A-1001', '--out', out], world);
    expect(code).toBe(1);
    expect(err).toContain('is there already');
    expect(await readFile(out, 'utf8')).toBe('mine');
  });

  it('--verify asks nobody, and says what was changed', async () => {
    await run(['evidence', 'A-1001', '--out', out], world);
    api.asked.length = 0;
    expect((await run(['evidence', '--verify', out])).code).toBe(0);
    const text = await readFile(out, 'utf8');
    await writeFile(out, text.replace('"amountFen": 1234', '"amountFen": 1233'));
    const { code, err } = await run(['evidence', '--verify', out]);
    expect(code).toBe(1);
    expect(err).toContain('altered since it was written: order');
    await writeFile(out, 'no JSON');
    expect((await run(['evidence', '--verify', out])).code).toBe(1);
    expect(api.asked).toEqual([]);
  });

  it.each([[[]], [['A-1001', '--verify', 'x']], [['no']], [['--verify', '/nowhere/at/all']]])(
    'refuses %j without asking anybody',
    async (argv) => {
      expect((await run(['evidence', ...argv], world)).code).toBe(2);
      expect(api.asked).toEqual([]);
    },
  );
});
