import { writeFile } from 'node:fs/promises';

/** Writes a file that is not there yet; false where it is. */
export async function writeOnce(file: string, text: string, mode = 0o666): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
