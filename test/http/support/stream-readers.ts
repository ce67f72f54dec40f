import { get, type IncomingMessage } from 'node:http';

/** A process of its own, so that what the readers hold is not the ingress's memory. It follows what it is told to until it is killed. */
export type ToFollow = { readonly urls: readonly string[]; readonly key: string };

/** By stream, the ids of its events so far; sent whenever all streams have one more. */
export type Heard = readonly (readonly string[])[];

const AT_ONCE = 20;

process.once('message', ({ urls, key }: ToFollow) => {
  const heard: string[][] = urls.map(() => []);
  const listen = (response: IncomingMessage, at: number, onFirst: () => void): void => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id] = /^id: (.+)$/m.exec(block) ?? [];
        if (id === undefined) continue;
        heard[at]?.push(id);
        onFirst();
        if (Math.min(...heard.map((ids) => ids.length)) === heard[at]?.length) process.send?.(heard);
      }
    });
    // Ends the process, and with it the test.
    response.once('close', () => process.exit(1));
  };
  const open = async (at: number): Promise<void> => {
    const url = urls[at];
    if (url === undefined) return;
    await new Promise<void>((resolve) => {
      get(url, { agent: false, headers: { authorization: `Bearer ${key}` } }, (response) => {
        if (response.statusCode !== 200) throw new Error(`${url} is answered ${String(response.statusCode)}`);
        listen(response, at, resolve);
      });
    });
    await open(at + AT_ONCE);
  };
  for (let at = 0; at < AT_ONCE; at += 1) void open(at);
});
