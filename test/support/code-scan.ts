import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SandboxControl, ShownCode } from './sandbox-control.js';

/** The fields of an order or an attempt whose payer shows a code at the till. */
export async function codeScanned(gateway: SandboxControl, shown: ShownCode = {}) {
  const authCode = await gateway.code(shown);
  return {
    product: 'codeScan',
    payer: { authCode },
    device: { id: 'till-1', ip: '203.0.113.7' },
    store: { outId: 'shop-7' },
  };
}

type SandboxMerchant = {
  readonly mchid: string;
  readonly certificatePem: string;
  readonly secapiCaPem: string;
  readonly secapiUrl: string;
};
type MerchantsFile = { readonly merchants: readonly { readonly mchid: string; readonly protocol: string }[] };

/** Has the merchants of API v3 in a file of the sandbox's charge codes over API v2, with their certificates. */
export async function chargeOverV2(file: string, sandboxUrl: string): Promise<void> {
  const listed = (await (await fetch(`${sandboxUrl}/sandbox/merchants`)).json()) as SandboxMerchant[];
  const { merchants } = JSON.parse(await readFile(file, 'utf8')) as MerchantsFile;
  const entries = merchants.map(async (entry) => {
    const known = listed.find(({ mchid }) => mchid === entry.mchid);
    if (entry.protocol !== 'v3' || known === undefined) return entry;
    const { mchid, certificatePem, secapiCaPem, secapiUrl } = known;
    const [certificateFile, secapiCaFile] = [`${mchid}_cert.pem`, `${mchid}_ca.pem`];
    await writeFile(join(dirname(file), certificateFile), certificatePem);
    await writeFile(join(dirname(file), secapiCaFile), secapiCaPem);
    return { ...entry, codeScan: 'v2', certificateFile, secapiUrl, secapiCaFile };
  });
  await writeFile(file, JSON.stringify({ merchants: await Promise.all(entries) }));
}
