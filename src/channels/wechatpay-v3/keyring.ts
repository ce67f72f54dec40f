import type { KeyObject } from 'node:crypto';
import { GatewayError, type GatewayLog } from '../port.js';
import type { SealingKey } from './seal.js';

/** WeChat Pay wants certificates fetched again in less than 12 hours. */
const STALE_AFTER_MS = 11 * 3_600_000;
/** A notify's sender writes the serial, and must not make this process call more often. */
const REFRESH_EVERY_MS = 60_000;
/** Without any key no call is made: try sooner. */
const FIRST_EVERY_MS = 5_000;
const PUBLIC_KEY_PREFIX = 'PUB_KEY_ID_';

export type Keyring = ReturnType<typeof createKeyring>;

type KeyringDeps = {
  readonly mchid: string;
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** The one that is valid longest last. */
  readonly download: () => Promise<ReadonlyMap<string, KeyObject>>;
  readonly now: () => Date;
  readonly log: GatewayLog;
};

/** Public keys and platform certificates side by side, by serial: while WeChat Pay switches, both sign. */
export function createKeyring(deps: KeyringDeps) {
  let downloaded: ReadonlyMap<string, KeyObject> = new Map();
  let downloadedAtMs = -Infinity;
  let triedAtMs = -Infinity;
  let failure: unknown;
  let running: Promise<void> | undefined;

  const known = (serial: string): KeyObject | undefined => deps.publicKeys.get(serial) ?? downloaded.get(serial);

  const refresh = async (): Promise<void> => {
    try {
      downloaded = await deps.download();
      downloadedAtMs = deps.now().getTime();
      failure = undefined;
    } catch (error) {
      failure = error;
      deps.log.warn({ mchid: deps.mchid, err: error }, 'platform certificates could not be downloaded');
    } finally {
      running = undefined;
    }
  };

  /** One download at a time, and none before `everyMs` have passed since the last try. */
  const refreshAtMost = (everyMs: number): Promise<void> => {
    if (running !== undefined) return running;
    if (deps.now().getTime() - triedAtMs < everyMs) return Promise.resolve();
    triedAtMs = deps.now().getTime();
    running = refresh();
    return running;
  };

  const refreshWhenStale = (): void => {
    if (downloaded.size > 0 && deps.now().getTime() - downloadedAtMs > STALE_AFTER_MS) {
      void refreshAtMost(REFRESH_EVERY_MS);
    }
  };

  const ready = async (signal: AbortSignal): Promise<void> => {
    if (deps.publicKeys.size + downloaded.size === 0) await untilAborted(refreshAtMost(FIRST_EVERY_MS), signal);
    if (deps.publicKeys.size + downloaded.size > 0) return;
    const code = failure instanceof GatewayError && failure.code === 'merchant_config' ? failure.code : 'unreachable';
    throw new GatewayError(failure === undefined && running === undefined ? 'merchant_config' : code, {
      cause: failure,
    });
  };

  return {
    known: (serial: string): KeyObject | undefined => {
      refreshWhenStale();
      return known(serial);
    },
    /** Downloads if need be; `undefined`: nobody's serial, or `signal` came first. Never rejects. */
    find: async (serial: string, signal: AbortSignal): Promise<KeyObject | undefined> => {
      refreshWhenStale();
      if (known(serial) === undefined && !serial.startsWith(PUBLIC_KEY_PREFIX))
        await untilAborted(refreshAtMost(REFRESH_EVERY_MS), signal);
      return known(serial);
    },
    /** Resolves once there is a key; rejects with {@link GatewayError} when there is none. */
    ready,
    /** To encrypt with: the public key, else the newest platform certificate. Rejects as `ready` does. */
    sealing: async (signal: AbortSignal): Promise<SealingKey> => {
      refreshWhenStale();
      await ready(signal);
      const configured = [...deps.publicKeys];
      const publicKey = configured.find(([serial]) => serial.startsWith(PUBLIC_KEY_PREFIX));
      const [serial, key] = publicKey ?? [...downloaded].at(-1) ?? configured.at(-1) ?? [];
      if (serial === undefined || key === undefined) throw new Error('a keyring that is ready has no key');
      return { serial, key };
    },
  };
}

/** Only this caller stops waiting; the work goes on. */
function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    if (signal.aborted) done();
    signal.addEventListener('abort', done);
    void work.then(done);
  });
}
