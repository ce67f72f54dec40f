export type StreamEvent = { readonly id: string; readonly data: string };

/** More than any event holds. */
const MAX_CHARACTERS = 1024 * 1024;
/** Three heartbeats that did not come: the other end is gone without a word. */
const SILENCE_MS = 45_000;

/** Server-sent events as they come, also those that only carry an id. Throws once the stream is silent too long, or no event. */
export async function* eventsOf(body: ReadableStream<Uint8Array>, silenceMs = SILENCE_MS): AsyncGenerator<StreamEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffered = '';
  try {
    for (;;) {
      const { done, value } = await withinSilence(reader.read(), silenceMs);
      if (done) return;
      buffered += decoder.decode(value, { stream: true });
      const blocks = buffered.split('\n\n');
      buffered = blocks.pop() ?? '';
      if (buffered.length > MAX_CHARACTERS) throw new Error('the stream holds no event');
      for (const block of blocks) {
        const event = parse(block);
        if (event !== undefined) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

async function withinSilence<T>(read: Promise<T>, silenceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream went silent')), silenceMs);
  });
  return Promise.race([read, silent]).finally(() => clearTimeout(timer));
}

function parse(block: string): StreamEvent | undefined {
  const lines = block.split('\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, ''));
  const id = values('id').at(-1);
  return id === undefined ? undefined : { id, data: values('data').join('\n') };
}
