import { bulkCommands } from '../cli/bulk.js';
import { closeCommand } from '../cli/close.js';
import { eventsCommand } from '../cli/events.js';
import { evidenceCommand } from '../cli/evidence.js';
import { inboxCommand } from '../cli/inbox.js';
import { keysCommand } from '../cli/keys.js';
import type { MakeCommand } from '../cli/kit/command.js';
import { ordersCommand } from '../cli/orders.js';
import { refundCommand } from '../cli/refund.js';
import { replayCommand, type Replay } from '../cli/replay.js';
import { resolveCommand } from '../cli/resolve.js';
import { showCommand } from '../cli/show.js';
import { doctorCommand } from '../doctor/command.js';
import { doctorDeps } from './doctor.js';

/** The commands of `paysaga`, in the order of help: look, act, then what is done rarely. `replay` is this build's. */
export const commandsOf = (replay: Replay): readonly MakeCommand[] => [
  ordersCommand,
  showCommand,
  ...bulkCommands,
  closeCommand,
  refundCommand,
  resolveCommand,
  inboxCommand,
  eventsCommand,
  evidenceCommand,
  replayCommand(replay),
  doctorCommand(doctorDeps()),
  keysCommand,
];
