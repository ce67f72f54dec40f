import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOf } from '../src/entries/stack/keep-running.js';
import type { Part } from '../src/entries/stack/processes.js';
import type { Hurt, PartName } from './plan.js';

/** A process that ended without anybody's doing, and how. */
export type Death = { readonly part: PartName; readonly how: string };

/** Hurts the parts, one harm at a time each, and starts again whatever ends by itself meanwhile. To be stopped before the parts are. */
export function watch(parts: ReadonlyMap<PartName, Part>, temporalFile: string, say: (line: string) => void) {
  const deaths: Death[] = [];
  const hurting = new Map<PartName, Promise<void>>();
  const over = new AbortController();
  const ended = new Promise<undefined>((resolve) => over.signal.addEventListener('abort', () => resolve(undefined)));
  const keep = async (name: PartName, part: Part): Promise<void> => {
    for (;;) {
      const { now } = part;
      const how = await Promise.race([now.exited.then(endOf, endOf), ended]);
      if (how === undefined) return;
      // Whoever hurts it hears of a failure.
      await hurting.get(name)?.catch(() => undefined);
      if (part.now !== now) continue;
      deaths.push({ part: name, how });
      say(`${name} ended by itself (${how})`);
      await restart(part, over.signal);
    }
  };
  const loops = [...parts].map(([name, part]) => keep(name, part));
  const away = async (name: PartName, work: (part: Part) => Promise<void>): Promise<void> => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`there is no ${name}`);
    await hurting.get(name);
    const done = work(part);
    hurting.set(name, done);
    await done.finally(() => hurting.delete(name));
  };
  const hurt = ({ part: name, harm, forMs }: Hurt): Promise<void> =>
    away(name, async (part) => {
      if (harm === 'freeze') return frozen(part, forMs);
      if (harm === 'restart') await part.stop();
      else await part.kill('SIGKILL');
      if (harm === 'wipe') await removeStore(temporalFile);
      await sleep(forMs);
      await restart(part, over.signal);
    });
  return {
    deaths,
    hurt,
    /** Kills the part, and starts it again when that is over. */
    down: (name: PartName, until: Promise<void>): Promise<void> =>
      away(name, async (part) => {
        await part.kill('SIGKILL');
        await until;
        await restart(part, over.signal);
      }),
    dead: (): PartName[] => [...parts].filter(([, { now }]) => !isAlive(now.pid)).map(([name]) => name),
    stop: async (): Promise<void> => {
      over.abort();
      await Promise.all(loops);
    },
    kill: (): Promise<void> => {
      over.abort();
      return Promise.resolve();
    },
  };
}

/** SQLite keeps some of it beside the file. */
async function removeStore(file: string): Promise<void> {
  for (const end of ['', '-wal', '-shm', '-journal']) await rm(`${file}${end}`, { force: true });
}

const STARTS = 5;

/** What a start needs may itself be away. */
async function restart(part: Part, over: AbortSignal): Promise<void> {
  for (let tries = 1; !over.aborted; tries += 1) {
    try {
      await part.restart();
      return;
    } catch (error) {
      if (tries === STARTS) throw error;
      await sleep(2_000);
    }
  }
}

async function frozen(part: Part, forMs: number): Promise<void> {
  const pids = await family(part.now.pid);
  for (const pid of pids) signal(pid, 'SIGSTOP');
  await sleep(forMs);
  for (const pid of pids) signal(pid, 'SIGCONT');
}

/** A process and its children: Postgres has one for each session. Only Linux tells of them. */
async function family(pid: number | null): Promise<number[]> {
  if (pid === null) return [];
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}

/** A session of Postgres may be over by now. */
function signal(pid: number, name: NodeJS.Signals): void {
  if (isAlive(pid)) process.kill(pid, name);
}

function isAlive(pid: number | null): boolean {
  if (pid === null) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
