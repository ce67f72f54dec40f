import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = new URL('../', import.meta.url);
const FOLDER = pathToFileURL(`${resolve(process.argv[2] ?? 'dist/client')}/`);

type Manifest = { readonly name: string; readonly version: string; readonly license: string };

/** Makes what `tsc` left in `dist/client/`, or the folder that is named, a package of its own: a shop installs it without the server. */
const { name, version, license } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as Manifest;
const manifest = {
  ...{
    name,
    version,
    license,
    description: 'The client of PaySaga, a payment service for merchants who take WeChat Pay',
  },
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.3' },
  exports: { './client': { types: './client.d.ts', default: './client.js' } },
};
await writeFile(new URL('package.json', FOLDER), `${JSON.stringify(manifest, null, 2)}\n`);
await copyFile(new URL('docs/client.md', ROOT), new URL('README.md', FOLDER));
await copyFile(new URL('LICENSE', ROOT), new URL('LICENSE', FOLDER));
