import type { BillFile, BillKind } from '../bill/bills.js';
import { indexOfLine, type Line } from '../bill/file.js';
import type { BillFault, Fault } from '../fault/fault.js';

/** A fault that changes a file or names a trade waits for a bill that has such a line. */
export function strikesBill(fault: Fault, kind: BillKind | undefined, lines: () => readonly Line[]): boolean {
  if (fault.bill !== undefined && fault.bill !== kind) return false;
  const changesFile = fault.kind === 'wrongHash' || fault.kind === 'truncated' || 'line' in fault;
  return (fault.outTradeNo === undefined && !changesFile) || indexOfLine(lines(), fault) >= 0;
}

/** What the fault does to the file that is sent. */
export function bentFile(fault: BillFault | undefined): Pick<BillFile, 'lineFault' | 'isTruncated'> {
  const isTruncated = fault?.kind === 'truncated';
  switch (fault?.kind) {
    case 'missingLine':
    case 'extraLine':
      return { isTruncated, lineFault: fault };
    case 'alteredLine':
      return { isTruncated, lineFault: { ...fault, cells: { [fault.column]: fault.value } } };
    default:
      return { isTruncated, lineFault: undefined };
  }
}
