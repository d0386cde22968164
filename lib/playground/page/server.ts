// Speaking to the playground's own routes. The header shows that a page of this origin asks; so the feed is a `fetch` and
// no EventSource, which cannot send one.
import { BFF } from '../../contract/bff.js';
import { API_PATH, type Message, type WhoAmI } from '../protocol.js';

const HEADERS = { [BFF.header]: BFF.headerValue };
/** Before the feed is asked for again, ms. */
const PAUSE = 1_000;

/** @throws an Error that says what the server made of it */
export async function ask(path: string, body: object = {}): Promise<unknown> {
  const answer = await fetch(API_PATH + path, {
    method: 'POST',
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said: unknown = answer.status === 204 ? undefined : await answer.json();
  if (!answer.ok) throw new Error((said as { message: string }).message);
  return said;
}

export async function whoAmI(): Promise<WhoAmI['session']> {
  const answer = await fetch(`${API_PATH}/me`, { headers: HEADERS });
  return ((await answer.json()) as WhoAmI).session;
}

/** Listens for as long as the page lives; `connected` is told where the server goes and comes back. */
export async function listen(
  heard: (message: Message) => void,
  connected: (isThere: boolean) => void,
): Promise<never> {
  for (;;) {
    try {
      const { body } = await fetch(`${API_PATH}/feed`, { headers: HEADERS });
      if (body) {
        connected(true);
        await readLines(body, (line) => heard(JSON.parse(line) as Message));
      }
    } catch {
      // the server is away
    }
    connected(false);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function readLines(body: ReadableStream<Uint8Array>, each: (line: string) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) each(line);
  }
}
