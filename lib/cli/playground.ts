// The command `holdfast playground`: sandbox, backend and page, to look at in a browser.
import { fileURLToPath } from 'node:url';
import { startPlayground } from '../playground/server.js';
import { numberIn, type Command } from './command.js';

const HELP = `Usage: holdfast playground [options]

Serves a page to play with: the sandbox with its faults, and what the client makes of them, call by call.

  --port <n>               port of the page (4020); 0 takes any free one
  -h, --help               this text

It listens on this machine alone, and keeps everything in memory.`;

export const playgroundCommand: Command = {
  flags: { port: { type: 'string', default: '4020' } },
  help: HELP,
  async start({ values }, home) {
    const page = fileURLToPath(new URL('dist/playground/page/', home));
    const playground = await startPlayground({ port: numberIn(values, 'port') ?? NaN, page });
    return {
      says: `holdfast playground is ready: ${playground.url}`,
      close: () => playground.close(),
    };
  },
};
