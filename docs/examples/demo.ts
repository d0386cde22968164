// `npm run demo`: holdfast against the sandbox, over real HTTP, told as a timeline. Exits 0 only if all was as told.
import { startSandbox } from '../../lib/sandbox/index.js';
import { CHAPTERS } from './demo/chapters.js';
import { tell } from './demo/tell.js';

process.exitCode = await tell(CHAPTERS, {
  start: startSandbox,
  write: (line) => console.log(line),
  colours: process.stdout.isTTY && !process.env.NO_COLOR,
});
