import { writeFile } from 'node:fs/promises';
import { bundleFromSource, PREBUILT } from './workflow-bundle.js';

/** The last step of `npm run build`: the workflow bundle that every worker loads. */
const { code } = await bundleFromSource();
await writeFile(PREBUILT, code);
console.log(`${PREBUILT}: ${code.length} bytes`);
