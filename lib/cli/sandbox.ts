// The command `holdfast sandbox`: a sandbox in a terminal.
import { DEMO, startSandbox, type FaultRule, type SandboxOptions } from '../sandbox/index.js';
import { numberIn, type Command, type Values } from './command.js';
import { readJson, readScenario } from './files.js';

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
  --scenario <file or name> who is there and what goes wrong when; "holdfast scenario" lists those that ship
  -h, --help               this text

While it runs: GET /__sandbox/ lists the routes that count, log, break and heal.`;

export const sandboxCommand: Command = {
  flags: {
    port: { type: 'string', default: '4010' },
    host: { type: 'string' },
    generation: { type: 'string' },
    'key-case': { type: 'string' },
    kid: { type: 'string' },
    lockout: { type: 'string' },
    'access-lifetime': { type: 'string' },
    'refresh-lifetime': { type: 'string' },
    faults: { type: 'string' },
    scenario: { type: 'string' },
  },
  help: HELP,
  async start({ values }, home) {
    const sandbox = await startSandbox(optionsFrom(values, home));
    return {
      says: `holdfast sandbox is ready: ${sandbox.url}
  client    ${DEMO.client.id} / ${DEMO.client.secret}, shop ${DEMO.shopId}
  customer  ${DEMO.customer.email} / ${DEMO.customer.password}
  admin     ${sandbox.origin}/__sandbox/`,
      close: () => sandbox.close(),
    };
  },
};

/** Numbers and words are passed on as they are: the sandbox checks its options itself. */
function optionsFrom(values: Values, home: URL): SandboxOptions {
  const port = numberIn(values, 'port');
  const failures = numberIn(values, 'lockout');
  const access = numberIn(values, 'access-lifetime');
  const refresh = numberIn(values, 'refresh-lifetime');
  return {
    ...(port !== undefined && { port }),
    ...(values.host !== undefined && { host: values.host }),
    ...(values.generation !== undefined && { generation: Number(values.generation) as 8 }),
    ...(values['key-case'] !== undefined && { keyCase: values['key-case'] as 'upper' }),
    ...(values.kid !== undefined && { kid: values.kid as 'none' }),
    ...(failures !== undefined && { lockout: { failures } }),
    lifetimes: { ...(access !== undefined && { access }), ...(refresh !== undefined && { refresh }) },
    ...(values.faults !== undefined && { faults: readFaults(values.faults) }),
    ...(values.scenario !== undefined && { scenario: readScenario(values.scenario, home) }),
  };
}

function readFaults(file: string): FaultRule[] {
  const content = readJson(`--faults ${file}`, file) as FaultRule | FaultRule[]; // checked by the sandbox
  return Array.isArray(content) ? content : [content];
}
