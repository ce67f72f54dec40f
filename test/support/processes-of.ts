import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

/** The command lines of all living processes that name this folder among their arguments or in their environment. */
export async function processesOf(folder: string): Promise<string[]> {
  const all = platform() === 'linux' ? await fromProc() : await fromPs();
  return all.filter((it) => it.includes(folder)).map((it) => it.slice(0, 200));
}

async function fromProc(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = pids.map(async (pid) => {
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    return `${pid} ${command ?? ''} ${environment ?? ''}`.replaceAll('\0', ' ');
  });
  return Promise.all(texts);
}

async function fromPs(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,command='], { maxBuffer: 1e8 });
  return stdout.split('\n');
}
