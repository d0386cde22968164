// What the clients of a process share: one `Server` for each origin they call. A limit, a window or a budget for each
// client would let two hundred of them learn the same from as many refusals.
import type { FailureTable } from '../contract/classify.js';
import type { BreakerPolicy } from '../decide/breaker.js';
import type { BudgetDecision, BudgetPolicy } from '../decide/budget.js';
import type { Cooldowns } from '../decide/shared-limit.js';
import { createBreaker, type Breaker } from './breaker.js';
import type { Call } from './call.js';
import type { WireConfig } from './failure.js';
import type { GatePolicy, Passage } from './gate.js';
import type { Turn } from './line.js';
import { createServer, type Server } from './server.js';
import type { Transport } from './transport.js';

/** The policies of a client, as far as they are about more than one call. */
export interface Terms {
  readonly cooldown: GatePolicy;
  readonly retry: { readonly budget: BudgetPolicy };
  readonly breaker: BreakerPolicy;
  readonly table: FailureTable;
}

/** Limits, windows and budgets of servers. Clients with the same governor share them. */
export interface Governor {
  /** Tells it from other objects; all else about it is kept inside. */
  readonly [Symbol.toStringTag]: 'Governor';
}

/** A server and the clients that have called it. */
interface Shared {
  readonly server: Server;
  readonly users: Set<Traffic>;
}

/** By origin. */
type Servers = Map<string, Shared>;

interface Registry {
  readonly cooldowns: Cooldowns | undefined;
  /** Servers that axios reaches itself. */
  readonly reached: Servers;
  /** Those behind a transport of the user's own. */
  readonly behind: WeakMap<object, Servers>;
}

const REGISTRIES = new WeakMap<Governor, Registry>();

function registryOf(governor: Governor): Registry {
  const registry = REGISTRIES.get(governor);
  if (!registry) throw new TypeError('This governor was not made by createGovernor().');
  return registry;
}

/** @param cooldowns shares limits with other processes */
export function newGovernor(cooldowns?: Cooldowns): Governor {
  const governor: Governor = { [Symbol.toStringTag]: 'Governor' };
  REGISTRIES.set(governor, { cooldowns, reached: new Map(), behind: new WeakMap() });
  return governor;
}

export const isGovernor = (value: unknown): value is Governor => REGISTRIES.has(value as Governor);

/** From so many servers on, those that nobody has called for a while are forgotten now and then. */
const SWEEP_AT = 256;

/** What the clients of a process share that name no other. */
export const PROCESS = newGovernor();

/** A client's side of the governor. */
export interface Traffic {
  /**
   * Takes the places that an attempt needs, if there are any. Otherwise resolves when the call has them, or with a refusal
   * (`call.refusal`) where it should not wait.
   */
  enter(config: WireConfig): Turn | undefined;
  /** Gives back what `enter` took. */
  leave(config: WireConfig, passage: Passage): void;
  /** The circuit breaker of the call's server, if the policies ask for one. */
  breaker(call: Call): Breaker | undefined;
  /** A call begins and earns its share of repeats. */
  earn(call: Call): void;
  /** Asks for one repeat by a call that can wait for `patience` ms. */
  spend(call: Call, patience: number): BudgetDecision;
  /** The client is closed: what nobody else uses is forgotten. */
  release(): void;
}

export function joinTraffic(governor: Governor, terms: Terms, transport: Transport): Traffic {
  const registry = registryOf(governor);
  const servers = serversOf(registry, transport);
  const breakers = new WeakMap<Server, Breaker>();

  function serverOf({ facts: { origin = '' } }: Call): Server {
    const shared = servers.get(origin) ?? newcomer(servers, origin, registry.cooldowns);
    shared.users.add(traffic);
    return shared.server;
  }

  const traffic: Traffic = {
    enter(config) {
      const { call } = config;
      return call.server ? undefined : serverOf(call).gate(call.facts.lane).enter(config); // who waited has its places
    },
    leave: release,
    breaker(call) {
      if (!terms.breaker.enabled) return undefined;
      const server = serverOf(call);
      const breaker = breakers.get(server) ?? createBreaker(terms.breaker, terms.table);
      breakers.set(server, breaker);
      return breaker;
    },
    earn: (call) => serverOf(call).earn(call),
    spend: (call, patience) => serverOf(call).spend(call, patience),
    release() {
      for (const [origin, { users }] of servers)
        if (users.delete(traffic) && users.size === 0) forget(servers, origin);
    },
  };
  return traffic;
}

function newcomer(servers: Servers, origin: string, cooldowns: Cooldowns | undefined): Shared {
  // By doubling, so that a process that calls ever new servers does not look at all of them each time.
  if (servers.size >= SWEEP_AT && Number.isInteger(Math.log2(servers.size)))
    for (const [name, { server }] of servers) if (server.isIdle(performance.now())) forget(servers, name);
  const shared: Shared = { server: createServer(origin, cooldowns), users: new Set() };
  servers.set(origin, shared);
  return shared;
}

function forget(servers: Servers, origin: string): void {
  servers.get(origin)?.server.release();
  servers.delete(origin);
}

function release(config: WireConfig, passage: Passage): void {
  const { call } = config;
  const { gate, server } = call;
  call.gate = undefined;
  call.server = undefined;
  server?.leave(config, passage);
  gate?.leave(config, passage);
  // Only now: a gate that this call has closed lets nobody through who waits for the server.
  server?.drain();
  gate?.drain();
}

/** A transport of the user's own leads to servers of its own, whatever their names. */
function serversOf({ reached, behind }: Registry, transport: Transport): Servers {
  if (typeof transport !== 'function') return reached;
  const servers: Servers = behind.get(transport) ?? new Map<string, Shared>();
  behind.set(transport, servers);
  return servers;
}
