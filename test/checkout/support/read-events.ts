export type SentEvent = { readonly event: string; readonly id: string; readonly data: Record<string, unknown> };

/** Reads a response of server-sent events one by one, as a browser would; comments are heartbeats. */
export function readEvents(response: Response) {
  if (response.body === null) throw new Error('The response has no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';

  async function nextBlock(): Promise<string | undefined> {
    for (;;) {
      const end = buffered.indexOf('\n\n');
      if (end >= 0) {
        const block = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        return block;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      buffered += value;
    }
  }

  return {
    /** The next event, past any heartbeats; `undefined` at the stream's end. */
    async next(): Promise<SentEvent | undefined> {
      for (let block = await nextBlock(); block !== undefined; block = await nextBlock()) {
        if (!block.startsWith(':')) return parse(block);
      }
      return undefined;
    },
    async nextHeartbeat(): Promise<void> {
      for (let block = await nextBlock(); block !== undefined; block = await nextBlock()) {
        if (block.startsWith(':')) return;
      }
      throw new Error('The stream ended without a heartbeat');
    },
    cancel: () => reader.cancel(),
  };
}

function parse(block: string): SentEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const data = JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>;
  return { event: fields.get('event') ?? '', id: fields.get('id') ?? '', data };
}
