import { writeFile } from 'node:fs/promises';
import { bundleFromSource, PREBUILT } from './workflow-bundle.js';

const { code } = await bundleFromSource();
await writeFile(PREBUILT, code);
console.log(`${PREBUILT}: ${code.length} bytes`);
