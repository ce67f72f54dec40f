import { randomUUID } from 'node:crypto';
import type { Fault, FaultTarget } from './fault.js';

export type PlacedFault = Fault & { id: string; mchid: string; left: number | null };

export interface Faults {
  /** The first fault in list order that matches; this call counts against its `times`. */
  take(mchid: string, on: FaultTarget, outTradeNo: string | undefined, call?: { probed: boolean }): Fault | undefined;
  list(mchid: string): PlacedFault[];
  replace(mchid: string, faults: Fault[]): PlacedFault[];
  append(mchid: string, faults: Fault[]): PlacedFault[];
  clear(mchid: string): void;
  remove(mchid: string, id: string): boolean;
}

/** Faults live in memory: a restarted sandbox is a healthy one. `left` is null for those that stay until removed. */
export function createFaults(): Faults {
  let placed: PlacedFault[] = [];
  const place = (mchid: string, faults: Fault[]): PlacedFault[] => {
    const added = faults.map((fault) => ({ id: randomUUID(), mchid, ...fault, left: fault.times || null }));
    placed = [...placed, ...added];
    return added;
  };
  const clear = (mchid: string) => void (placed = placed.filter((fault) => fault.mchid !== mchid));
  return {
    take(mchid, on, outTradeNo, call) {
      const fault = placed.find(
        (candidate) =>
          candidate.mchid === mchid &&
          candidate.on === on &&
          (candidate.outTradeNo === undefined || candidate.outTradeNo === outTradeNo) &&
          // WeChat Pay does not probe a retry again.
          !(candidate.kind === 'signTest' && call?.probed) &&
          candidate.left !== 0,
      );
      if (fault && fault.left !== null) fault.left -= 1;
      return fault;
    },
    list: (mchid) => placed.filter((fault) => fault.mchid === mchid),
    replace(mchid, faults) {
      clear(mchid);
      return place(mchid, faults);
    },
    append: place,
    clear,
    remove(mchid, id) {
      const before = placed.length;
      placed = placed.filter((fault) => fault.mchid !== mchid || fault.id !== id);
      return placed.length < before;
    },
  };
}
