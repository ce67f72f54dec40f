export type ServerEvent = { readonly id: string | undefined; readonly data: string };

/** Far more than an order has; a stream without line ends would fill the memory. */
const MAX_EVENT_CHARACTERS = 4 * 1024 * 1024;

/** Reads server-sent events from pieces of text; comments, as heartbeats, are passed over. */
export function eventLines(): (piece: string) => ServerEvent[] {
  let buffered = '';
  return (piece) => {
    buffered += piece;
    const blocks = buffered.split(/\r\n\r\n|\n\n|\r\r/);
    buffered = blocks.pop() ?? '';
    if (buffered.length > MAX_EVENT_CHARACTERS) throw new Error('An event is larger than any of PaySaga');
    return blocks.flatMap((block) => eventOf(block) ?? []);
  };
}

function eventOf(block: string): ServerEvent | undefined {
  const fields = block.split(/\r\n|\n|\r/).map((line) => /^(\w+): ?(.*)$/.exec(line) ?? []);
  const values = (name: string) => fields.flatMap(([, field, value]) => (field === name ? [value ?? ''] : []));
  const data = values('data');
  return data.length === 0 ? undefined : { id: values('id').at(-1), data: data.join('\n') };
}
