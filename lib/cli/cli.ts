#!/usr/bin/env node
// The command `holdfast`: finds the command that is meant, runs it until it is told to stop, and says what went wrong.
import { parseArgs } from 'node:util';
import { startFailure, UsageError, type Command, type Outcome, type Typed } from './command.js';

/** Loaded when they are asked for: to say what a status means takes no server. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['sandbox', async () => (await import('./sandbox.js')).sandboxCommand],
  ['playground', async () => (await import('./playground.js')).playgroundCommand],
  ['scenario', async () => (await import('./scenario.js')).scenarioCommand],
  ['explain', async () => (await import('./explain.js')).explainCommand],
]);
/** The folder of the package, from `dist/cli/` and, in a checkout, from `lib/cli/`. */
const HOME = new URL('../../', import.meta.url);
const THERE_IS = `there is: ${[...COMMANDS.keys()].join(', ')}`;

try {
  await run(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`holdfast: ${message.replace(/^sandbox: /, '')}`);
  process.exitCode = error instanceof UsageError || error instanceof TypeError ? 2 : 1;
}

async function run([name, ...args]: string[]): Promise<void> {
  if (name === '--help' || name === '-h') {
    const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
    console.log(commands.map(({ help }) => help).join('\n\n'));
    return;
  }
  if (name === undefined) throw new UsageError(`a command is missing; ${THERE_IS} (--help tells more)`);
  const load = COMMANDS.get(name);
  if (!load) throw new UsageError(`unknown command "${name}"; ${THERE_IS}`);
  const command = await load();
  const typed = parse(name, command, args);
  if (!typed) {
    console.log(command.help);
    return;
  }
  const { says, close, failed } = await start(command, typed);
  console.log(says);
  if (failed) process.exitCode = 1;
  if (!close) return;
  // Once each: a second signal ends the process the usual way.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
}

async function start(command: Command, typed: Typed): Promise<Outcome> {
  try {
    return await command.start(typed, HOME);
  } catch (error) {
    throw startFailure(error);
  }
}

/** The flags with their values, and the word beside them; `undefined`: help is asked for. */
function parse(name: string, { flags, takes }: Command, args: string[]): Typed | undefined {
  const options = { ...flags, help: { type: 'boolean', short: 'h', default: false } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    // Node adds advice on positionals that helps nobody here.
    const [reason = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${reason} (--help lists the flags)`);
  }
  const { values, positionals } = parsed;
  const { help, ...given } = values;
  if (help) return undefined;
  const [word, ...more] = takes === undefined ? [undefined, ...positionals] : positionals;
  if (more.length > 0)
    throw new UsageError(`"${more.join(' ')}" is too much; ${name} takes ${takes ?? 'flags only'}`);
  return { values: given, word };
}
