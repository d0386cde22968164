// The command `holdfast scenario`: plays a scenario with a client, and says whether it ended as it should.
import { createAuthClient, isAuthError, type Session } from '../index.js';
import {
  DEMO,
  startSandbox,
  type Sandbox,
  type Scenario,
  type ScenarioExpectation,
} from '../sandbox/index.js';
import type { Command } from './command.js';
import { readScenario, shippedScenarios } from './files.js';

const HELP = `Usage: holdfast scenario [file or name]

Plays a scenario: starts a sandbox of its own, logs in with a client of holdfast and calls while things go wrong. Ends
with 1 where it does not end as the scenario expects. Without a scenario: those that ship with the package.

  -h, --help               this text`;

export const scenarioCommand: Command = {
  flags: {},
  help: HELP,
  takes: 'one scenario',
  async start({ word }, home) {
    if (word === undefined) return { says: shippedScenarios(home).map(lineOf).join('\n') };
    const scenario = readScenario(word, home);
    const ending = await play(scenario);
    const surprises = compare(scenario.expect ?? {}, ending);
    return { says: report(scenario, ending, surprises), failed: surprises.length > 0 };

    function lineOf(name: string): string {
      return `${name.padEnd(20)}${readScenario(name, home).title}`;
    }
  },
};

/** How it ended. */
export interface Ending {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly refreshes: number;
  /** Requests that the calls cost. */
  readonly sent: number;
  readonly session: 'live' | 'ended' | 'none';
  readonly ms: number;
}

/** Plays a scenario in a sandbox of its own. Rejects where its policies are no policies. */
export async function play(scenario: Scenario): Promise<Ending> {
  const { sandbox: set = {}, play: plan = {} } = scenario;
  const sandbox = await startSandbox({ scenario });
  const client = set.clients?.[0] ?? DEMO.client;
  try {
    const auth = createAuthClient({
      baseURL: sandbox.url,
      credentials: { clientId: client.id, clientSecret: client.secret },
      shopId: set.shopId ?? DEMO.shopId,
      policies: plan.policies ?? {}, // checked there
    });
    try {
      const { email, password } = set.customers?.[0] ?? DEMO.customer;
      const startedAt = performance.now();
      const login = await auth.login({ email: plan.email ?? email, password: plan.password ?? password });
      const outcomes = login.ok ? await call(login.value, plan) : { [login.error.code]: 1 };
      const session = login.ok ? (login.value.state.status === 'ended' ? 'ended' : 'live') : 'none';
      return { outcomes, session, ...costs(sandbox), ms: performance.now() - startedAt };
    } finally {
      auth.close();
    }
  } finally {
    await sandbox.close();
  }
}

async function call(
  { http }: Session,
  { calls = 10, every = 0, path: url = '/orders', method = 'get' }: NonNullable<Scenario['play']>,
): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  const one = async (index: number) => {
    await new Promise((resolve) => setTimeout(resolve, index * every));
    const outcome = await http.request({ url, method }).then(
      () => 'ok',
      (error: unknown) => (isAuthError(error) ? error.code : String(error)),
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: calls }, (_, index) => one(index)));
  return outcomes;
}

function costs(sandbox: Sandbox): Pick<Ending, 'refreshes' | 'sent'> {
  const { received, operations } = sandbox.counts();
  const refreshes = operations.refresh.received;
  return { refreshes, sent: received - refreshes - operations.login.received };
}

/** What is not as expected, a line each. */
export function compare(expect: ScenarioExpectation, ending: Ending): string[] {
  const { outcomes, refreshes, sent, session } = expect;
  const names = new Set([...Object.keys(outcomes ?? {}), ...Object.keys(ending.outcomes)]);
  const odd = outcomes && [...names].some((name) => (outcomes[name] ?? 0) !== (ending.outcomes[name] ?? 0));
  return [
    odd ? `calls: ${sum(outcomes)} expected` : '',
    refreshes !== undefined && refreshes !== ending.refreshes ? `refreshes: ${refreshes} expected` : '',
    sent !== undefined && ending.sent > sent ? `sent: ${sent} expected at most` : '',
    session !== undefined && session !== ending.session ? `session: ${session} expected` : '',
  ].filter(Boolean);
}

function report({ title }: Scenario, ending: Ending, surprises: readonly string[]): string {
  const { outcomes, refreshes, sent, session, ms } = ending;
  const facts = {
    calls: sum(outcomes),
    sent: `${sent} requests`,
    refreshes,
    session,
    took: `${Math.round(ms)} ms`,
  };
  const lines = Object.entries(facts).map(([name, fact]) => `  ${name.padEnd(11)}${fact}`);
  const verdict =
    surprises.length === 0 ? ['as expected'] : ['not as expected:', ...surprises.map((line) => `  ${line}`)];
  return [title, ...lines, ...verdict].join('\n');
}

const sum = (outcomes: Readonly<Record<string, number>>) =>
  Object.entries(outcomes)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ');
