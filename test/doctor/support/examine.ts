import { join } from 'node:path';
import { expect } from 'vitest';
import { createChecker, type CheckResult } from '../../../src/doctor/check.js';
import { readEntries } from '../../../src/doctor/merchant/entry.js';
import { checkMerchant } from '../../../src/doctor/merchant/settings.js';
import { webhookRules } from '../../../src/entries/commands.js';
import { rawMerchants } from '../../../src/entries/merchants.js';
import { startedFor } from '../../support/started-for.js';
import { CANARIES, merchantFolder } from './merchant-folder.js';

export type Given = {
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly workers?: number;
  readonly isFixing?: boolean;
};

/** The checks of one merchant, in a folder of the file's own; none of them shows a secret. */
export function useExaminations(valid: Readonly<Record<string, unknown>>) {
  const folder = startedFor(merchantFolder, (it) => it.remove());

  /** Of the valid merchant, of whom one thing is changed. */
  async function examine({ entry = {}, files = {}, workers = 1, isFixing = false }: Given = {}): Promise<
    CheckResult[]
  > {
    await folder.write({ ...files, 'merchants.json': JSON.stringify({ merchants: [{ ...valid, ...entry }] }) });
    const [place] = await readEntries(rawMerchants, join(folder.path, 'merchants.json'));
    if (place === undefined) throw new Error('the merchants file has no entry');
    const deps = { ...webhookRules, check: createChecker({ isFixing }), now: () => new Date(), workers };
    const results = await checkMerchant(deps, place);
    const text = JSON.stringify(results);
    for (const secret of [...Object.values(CANARIES), 'PRIVATE KEY']) expect(text).not.toContain(secret);
    return results;
  }

  return {
    folder,
    examine,
    check: async (name: string, given: Given = {}): Promise<Pick<CheckResult, 'status' | 'seen' | 'cure'>> => {
      const found = (await examine(given)).find((result) => result.name === name);
      if (found === undefined) throw new Error(`there is no check ${name}`);
      const { status, seen, cure } = found;
      return { status, seen, cure };
    },
  };
}
