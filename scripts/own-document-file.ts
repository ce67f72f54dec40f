import { writeFile } from 'node:fs/promises';
import { ownDocument } from './own-document.js';

/** Writes the API's document to the file that is named. */
const [, , path] = process.argv;
if (path === undefined) throw new Error('Name the file to write');
await writeFile(path, await ownDocument());
