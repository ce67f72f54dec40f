import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../base/canonical-json.js';

export const FORMAT = 'paysaga-evidence/1';

/** What could not be had, and why: `unreachable`, or `not_found` for a workflow that never was or is past its retention. */
export type Missing = { readonly part: string; readonly why: 'unreachable' | 'not_found' };

const manifest = z.object({
  format: z.literal(FORMAT),
  mchid: z.string(),
  orderNo: z.string(),
  collectedAt: z.string(),
  source: z.string(),
  parts: z.array(z.object({ name: z.string(), sha256: z.string() })),
  missing: z.array(z.object({ part: z.string(), why: z.enum(['unreachable', 'not_found']) })),
});
export type Manifest = z.infer<typeof manifest>;

const fileSchema = z.object({ manifest, parts: z.record(z.string(), z.unknown()) });
export type EvidenceFile = z.infer<typeof fileSchema>;

type Parts = Readonly<Record<string, unknown>>;

/** One file of parts, and a manifest that says what they must be. */
export function evidenceFile(about: Omit<Manifest, 'format' | 'parts'>, parts: Parts): EvidenceFile {
  // As it is read back: dates are text, what is undefined is not there.
  const plain = z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(parts)));
  const hashes = Object.entries(plain).map(([name, part]) => ({ name, sha256: hashOf(part) }));
  return { manifest: { format: FORMAT, ...about, parts: hashes }, parts: plain };
}

/** The names of the parts that are not what the manifest says; `undefined` for what is no evidence file at all. */
export function alteredParts(file: unknown): string[] | undefined {
  const read = fileSchema.safeParse(file).data;
  if (read === undefined) return undefined;
  const expected = new Map(read.manifest.parts.map(({ name, sha256: hash }) => [name, hash]));
  const names = new Set([...expected.keys(), ...Object.keys(read.parts)]);
  return [...names].filter((name) => !(name in read.parts) || hashOf(read.parts[name]) !== expected.get(name));
}

const hashOf = (part: unknown): string => sha256(canonicalJson(part));

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
