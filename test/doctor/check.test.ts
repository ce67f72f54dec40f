import { describe, expect, it } from 'vitest';
import { createChecker, type Check, failed, ok, warning, type Finding } from '../../src/doctor/check.js';

const checkOf = (run: Check['run']): Check => ({ group: 'database', name: 'it', subject: 'database', run });

describe('a check', () => {
  it('that crashes is a failed check, by its kind alone', async () => {
    const check = createChecker({ isFixing: false });
    const crash = () => {
      throw new TypeError('canary');
    };
    const refused = () => Promise.reject(Object.assign(new Error('canary'), { code: 'EPERM' }));
    const cure = 'Run doctor again; if it stays, report this line as a fault of PaySaga.';
    expect(await check(checkOf(crash))).toMatchObject({
      status: 'failed',
      seen: 'the check itself failed (TypeError)',
      cure,
    });
    expect(await check(checkOf(refused))).toMatchObject({ seen: 'the check itself failed (Error, EPERM)', cure });
  });

  it('that does not end is given up, and counts as a service that cannot be reached', async () => {
    const check = createChecker({ isFixing: false, timeoutMs: 1 });
    expect(await check(checkOf(() => new Promise<Finding>(() => undefined)))).toMatchObject({
      status: 'failed',
      unreachable: true,
      seen: 'no answer within 0.001 s',
      cure: 'Look at the service and the network on the way to it.',
    });
  });
});

describe('a repair', () => {
  it('is made only when it is asked for, and the check runs again', async () => {
    let isBroken = true;
    const repair = (): Promise<void> => {
      isBroken = false;
      return Promise.resolve();
    };
    const run = () => (isBroken ? failed('broken', 'Mend it.', repair) : ok('whole'));
    expect(await createChecker({ isFixing: false })(checkOf(run))).toMatchObject({ status: 'failed', fixed: false });
    expect(await createChecker({ isFixing: true })(checkOf(run))).toMatchObject({
      status: 'ok',
      seen: 'whole',
      cure: null,
      fixed: true,
    });
  });

  it('that fails leaves the finding and says so', async () => {
    const repair = () => Promise.reject(Object.assign(new Error('canary'), { code: 'EPERM' }));
    const run = () => warning('open', 'Close it.', repair);
    expect(await createChecker({ isFixing: true })(checkOf(run))).toMatchObject({
      status: 'warning',
      seen: 'open; --fix could not repair it (Error, EPERM)',
      cure: 'Close it.',
      fixed: false,
    });
  });

  it('that does not help is not called one', async () => {
    const run = () => failed('broken', 'Mend it.', () => Promise.resolve());
    expect(await createChecker({ isFixing: true })(checkOf(run))).toMatchObject({ status: 'failed', fixed: false });
  });
});
