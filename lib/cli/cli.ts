#!/usr/bin/env node
// The command `holdfast`: finds the command that is meant, runs it until it is told to stop, and says what went wrong.
import { parseArgs } from 'node:util';
import { startFailure, UsageError, type Command, type Values } from './command.js';
import { playgroundCommand } from './playground.js';
import { sandboxCommand } from './sandbox.js';

const COMMANDS = new Map<string, Command>([
  ['sandbox', sandboxCommand],
  ['playground', playgroundCommand],
]);
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
    console.log([...COMMANDS.values()].map(({ help }) => help).join('\n\n'));
    return;
  }
  if (name === undefined) throw new UsageError(`a command is missing; ${THERE_IS} (--help tells more)`);
  const command = COMMANDS.get(name);
  if (!command) throw new UsageError(`unknown command "${name}"; ${THERE_IS}`);
  const values = parse(name, command, args);
  if (!values) {
    console.log(command.help);
    return;
  }
  const running = await command.start(values).catch((error: unknown) => {
    throw startFailure(error);
  });
  console.log(running.ready);
  // Once each: a second signal ends the process the usual way.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.close());
}

/** The flags with their values; `undefined`: help is asked for. */
function parse(name: string, { flags }: Command, args: string[]): Values | undefined {
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
  if (positionals.length > 0)
    throw new UsageError(`"${positionals.join(' ')}" is too much; ${name} takes flags only`);
  return given;
}
