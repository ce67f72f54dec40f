export type StreamEvent = { readonly event: string; readonly id: string; readonly data: string };

/** Reads server-sent events from a real connection, one at a time. */
export type EventReader = {
  /** The next event or comment; `undefined` when the stream has ended. */
  next(): Promise<StreamEvent | string | undefined>;
  /** The next event, past any comments. */
  nextEvent(): Promise<StreamEvent | undefined>;
  cancel(): Promise<void>;
};

export function readEvents(body: ReadableStream<Uint8Array> | null): EventReader {
  if (body === null) throw new Error('an event stream has a body');
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffered = '';

  async function next(): Promise<StreamEvent | string | undefined> {
    for (;;) {
      const end = buffered.indexOf('\n\n');
      if (end >= 0) {
        const block = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        return block.startsWith(':') ? block : parse(block);
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      buffered += decoder.decode(value, { stream: true });
    }
  }

  async function nextEvent(): Promise<StreamEvent | undefined> {
    for (;;) {
      const found = await next();
      if (typeof found !== 'string') return found;
    }
  }

  return { next, nextEvent, cancel: () => reader.cancel() };
}

function parse(block: string): StreamEvent {
  const field = (name: string): string =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${name}: `))
      .map((line) => line.slice(name.length + 2))
      .join('\n');
  return { event: field('event'), id: field('id'), data: field('data') };
}
