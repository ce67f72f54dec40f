import { createRequire } from 'node:module';
import { z } from 'zod';
import type { History } from './history.js';

type Codec = {
  readonly toJson: (type: MessageType, message: object) => unknown;
  readonly fromJson: (type: MessageType, json: unknown, options: { ignoreUnknownFields: boolean }) => object;
};
type MessageType = { fromObject(message: object): object };
type Patch = { patchProtobufRoot(root: unknown): { lookupType(name: string): MessageType } };

// The SDK's own `historyToJSON` fails where npm installs protobufjs apart for each of its packages: a message type and its
// codec have to come from the same copy, the one beside the messages.
const besideSdk = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'));
const besideProto = createRequire(besideSdk.resolve('@temporalio/proto'));
const codec = moduleOf<Codec>(besideProto('protobufjs/ext/protojson'), 'toJson');
const patch = moduleOf<Patch>(besideSdk('@temporalio/proto/lib/patch-protobuf-root'), 'patchProtobufRoot');
const HISTORY = patch.patchProtobufRoot(besideSdk('@temporalio/proto')).lookupType('temporal.api.history.v1.History');

/** A history as every Temporal tool writes it. */
export function historyToProtoJson(history: History): unknown {
  return codec.toJson(HISTORY, HISTORY.fromObject(history));
}

/** Throws for what is no history. */
export function historyFromProtoJson(json: unknown): History {
  return codec.fromJson(HISTORY, json, { ignoreUnknownFields: true });
}

/** Modules without types that Node can resolve only at run time. */
function moduleOf<T>(module: unknown, called: keyof T & string): T {
  return z.custom<T>((value) => typeof value === 'object' && value !== null && called in value).parse(module);
}
