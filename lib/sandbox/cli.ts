#!/usr/bin/env node
// The command `holdfast sandbox`: a sandbox in a terminal, until it is told to stop.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { FaultRule } from './fault-rules.js';
import { DEMO, type SandboxOptions } from './options.js';
import { startSandbox } from './sandbox.js';

const FLAGS = {
  port: { type: 'string', default: '4010' },
  host: { type: 'string' },
  generation: { type: 'string' },
  'key-case': { type: 'string' },
  kid: { type: 'string' },
  lockout: { type: 'string' },
  'access-lifetime': { type: 'string' },
  'refresh-lifetime': { type: 'string' },
  faults: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const HELP = `Usage: holdfast sandbox [options]

Runs the authentication API of the reference contract on this machine.

  --port <n>               port to listen on (4010); 0 takes any free one
  --host <address>         address to listen on (127.0.0.1); the admin routes have no password
  --generation <8|9>       whose refusals the token endpoint speaks (8)
  --key-case <upper|lower> forces the case of error keys
  --kid <none|one|two>     keys in the key set, and kid in tokens (none)
  --lockout <n>            failed logins until an address is locked for a minute (5); 0: never
  --access-lifetime <ms>   lifetime of access tokens (31 days)
  --refresh-lifetime <ms>  lifetime of refresh tokens (60 days)
  --faults <file.json>     a fault rule or a list of them, in force from the start
  -h, --help               this text

While it runs: GET /__sandbox/ lists the routes that count, log, break and heal.`;

/** A mistake on the command line; its message is the line to print. */
class UsageError extends Error {}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`holdfast: ${message.replace(/^sandbox: /, '')}`);
  process.exitCode = error instanceof UsageError || error instanceof TypeError ? 2 : 1;
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [command, ...rest] = positionals;
  if (command === undefined)
    throw new UsageError('a command is missing; there is: sandbox (--help tells more)');
  if (command !== 'sandbox') throw new UsageError(`unknown command "${command}"; there is: sandbox`);
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is too much; sandbox takes flags only`);

  const sandbox = await startSandbox(optionsFrom(values)).catch((error: unknown) => {
    throw startFailure(error);
  });
  console.log(`holdfast sandbox is ready: ${sandbox.url}
  client    ${DEMO.client.id} / ${DEMO.client.secret}, shop ${DEMO.shopId}
  customer  ${DEMO.customer.email} / ${DEMO.customer.password}
  admin     ${sandbox.origin}/__sandbox/`);
  // Once each: a second signal ends the process the usual way.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: FLAGS, allowPositionals: true });
  } catch (error) {
    // Node adds advice on positionals that helps nobody here.
    const [reason = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${reason} (--help lists the flags)`);
  }
}

/** Numbers and words are passed on as they are: the sandbox checks its options itself. */
function optionsFrom(values: ReturnType<typeof parse>['values']): SandboxOptions {
  const number = (text: string | undefined) =>
    text === undefined ? {} : { value: Number(text.trim() || NaN) };
  const failures = number(values.lockout).value;
  const access = number(values['access-lifetime']).value;
  const refresh = number(values['refresh-lifetime']).value;
  return {
    port: Number(values.port.trim() || NaN),
    ...(values.host !== undefined && { host: values.host }),
    ...(values.generation !== undefined && { generation: Number(values.generation) as 8 }),
    ...(values['key-case'] !== undefined && { keyCase: values['key-case'] as 'upper' }),
    ...(values.kid !== undefined && { kid: values.kid as 'none' }),
    ...(failures !== undefined && { lockout: { failures } }),
    lifetimes: { ...(access !== undefined && { access }), ...(refresh !== undefined && { refresh }) },
    ...(values.faults !== undefined && { faults: readFaults(values.faults) }),
  };
}

function readFaults(file: string): FaultRule[] {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as FaultRule | FaultRule[]; // checked by the sandbox
    return Array.isArray(content) ? content : [content];
  } catch (error) {
    throw new UsageError(`--faults ${file}: ${(error as Error).message}`);
  }
}

function startFailure(error: unknown): unknown {
  const { code, port, address, hostname } = error as Record<string, unknown>;
  if (code === 'EADDRINUSE') return new Error(`port ${String(port)} is in use; --port 0 takes any free one`);
  if (code === 'EACCES') return new Error(`port ${String(port)} may not be used by this user`);
  if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
    return new Error(`${String(address ?? hostname)} is not an address of this machine`);
  return error;
}
