import { bulkCommands } from '../bulk/command.js';
import { eventsCommand } from '../shop-events/command.js';
import { evidenceCommand } from '../cli/evidence.js';
import { inboxCommand } from '../inbox/command.js';
import { keysCommand } from '../cli/keys.js';
import type { MakeCommand } from '../cli/kit/command.js';
import { closeCommand, ordersCommand, resolveCommand } from '../orders/command.js';
import { refundCommand } from '../refunds/command.js';
import { replayCommand, type Replay } from '../cli/replay.js';
import { showCommand } from '../timeline/command.js';
import { doctorCommand } from '../doctor/command.js';
import { doctorDeps } from './doctor.js';

/** In the order of help: look, act, then rare work. */
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
