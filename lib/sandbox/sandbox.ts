// `startSandbox()`: the authentication API on a port of this machine, with handles to steer and question it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Customer } from './accounts.js';
import { createAdmin } from './admin.js';
import { readCall, type Arrival, type Call } from './call.js';
import { createExchange, readText, type Exchange } from './exchange.js';
import type { FaultInForce, FaultRule } from './fault-rules.js';
import { createFaults } from './faults.js';
import { handle } from './handlers.js';
import { createLedger, type Counts, type LoggedRequest } from './ledger.js';
import { BASE_PATH } from './operations.js';
import { resolveOptions, type SandboxOptions } from './options.js';
import { startServer } from './server.js';
import type { ScenarioStep } from './scenario.js';
import { createScript } from './script.js';
import { createWorld } from './world.js';

/** What a test holds of a sandbox: to question it, to steer it. */
export interface Handles {
  counts(): Counts;
  /** The last 1,000 requests, oldest first. */
  requests(): LoggedRequest[];
  /** Orders trouble: one rule or several, behind those in force. */
  fault(rules: FaultRule | readonly FaultRule[]): void;
  /** All that was ordered since the last `heal()`, in that order, with how often it will still hit. */
  faults(): FaultInForce[];
  /** Ends all trouble. */
  heal(): void;
  /** Everything as at the start: customers, tokens, orders, faults, counts. */
  reset(): void;
  /** Every access token of this moment is expired for the server, whatever it says itself; refresh tokens are good. */
  expireAccessTokens(): void;
  /** Ends every session of a customer. */
  revokeCustomer(email: string): void;
  deactivate(email: string): void;
  /** The hash from the customer's newest unused reset mail; where there is none, that of a mail sent now. */
  resetHash(email: string): string;
  /** A new authorization code, as a sign-in elsewhere hands it out; for the first client unless told otherwise. */
  authorizationCode(email: string, clientId?: string): string;
}

/** A running sandbox. */
export interface Sandbox extends Handles {
  /** Ready to be a client's `baseURL`. */
  readonly url: string;
  /** Scheme, host and port, for what is not below `url`, such as `/.well-known/jwks.json`. */
  readonly origin: string;
  /** Leaves no socket, timer or handle. May be called again. */
  close(): Promise<void>;
}

/** Starts a sandbox; rejects if the port is taken or an option makes no sense. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings = resolveOptions(options);
  const faults = createFaults(settings);
  const ledger = createLedger(settings);
  const script = createScript(settings.steps, settings.now);
  let world = createWorld(settings);

  /** One request: counted, hit by a fault or processed, answered. */
  async function play(call: Call, exchange: Exchange, response: ServerResponse): Promise<void> {
    for (const step of script.due()) act(step);
    const visit = ledger.arrived(call);
    response.once('finish', () => visit.left()).once('close', () => visit.left());
    const { fault, reply: staged } = faults.take(call.operation, call.path) ?? {};
    const dropsFirst = fault?.kind === 'drop' && fault.drop === 'before';
    const reply = staged ?? (dropsFirst ? undefined : await handle(world, call));
    const isThere = !fault?.delay || (await exchange.wait(fault.delay));
    if (!reply || !isThere || fault?.kind === 'drop') {
      visit.answered('none', fault?.kind);
      exchange.drop();
    } else if (fault?.kind === 'stall' || fault?.kind === 'truncate') {
      visit.answered('none', fault.kind);
      exchange.sendHalf(reply, fault.kind === 'stall' ? 'silence' : 'end');
    } else {
      visit.answered(reply.status, fault?.kind);
      exchange.send(reply);
    }
  }

  function customer(email: string): Customer {
    const found = world.accounts.find(email);
    if (!found) throw new TypeError(`sandbox: there is no customer ${JSON.stringify(email)}`);
    return found;
  }

  const handles: Handles = {
    counts: () => ({ ...ledger.counts(), ordersMade: world.orders.made() }),
    requests: () => ledger.requests(),
    fault: (rules) => faults.add(rules),
    faults: () => faults.list(),
    heal: () => faults.heal(),
    reset() {
      world = createWorld(settings);
      faults.reset();
      ledger.reset();
      for (const step of script.begin()) act(step);
    },
    expireAccessTokens: () => world.tokens.expireAccessTokens(),
    revokeCustomer: (email) => world.tokens.revokeCustomer(customer(email)),
    deactivate(email) {
      customer(email).deactivated = true;
    },
    resetHash(email) {
      const owner = customer(email);
      return world.hashes.pending((each) => each === owner) ?? world.hashes.issue(owner);
    },
    authorizationCode(email, clientId = settings.clients[0]?.id ?? '') {
      if (!settings.clients.some(({ id }) => id === clientId))
        throw new TypeError(`sandbox: there is no client ${JSON.stringify(clientId)}`);
      return world.codes.issue({ customer: customer(email), clientId });
    },
  };
  const admin = createAdmin(handles);

  function act({ heal, faults: rules, expire, revoke, deactivate }: ScenarioStep): void {
    if (heal) handles.heal();
    if (rules !== undefined) handles.fault(rules);
    if (expire) handles.expireAccessTokens();
    if (revoke !== undefined) handles.revokeCustomer(revoke);
    if (deactivate !== undefined) handles.deactivate(deactivate);
  }
  for (const step of script.begin()) act(step);

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = createExchange(response, settings.now);
    const text = await readText(request);
    if (text === undefined) {
      exchange.send(world.refuse('rejected'));
      return;
    }
    const arrival: Arrival = {
      method: request.method ?? 'GET',
      path: request.url?.split('?', 1)[0] ?? '/',
      headers: request.headers,
      text,
      address: request.socket.remoteAddress ?? '',
    };
    const steered = admin(arrival);
    if (steered) exchange.send(steered);
    else await play(readCall(arrival), exchange, response);
  }

  const server = await startServer({
    port: settings.port,
    host: settings.host,
    onRequest: (request, response) => {
      receive(request, response).catch((error: unknown) => {
        // The client left in mid-request, or the sandbox has a bug, which must not look like a lost connection.
        if (request.complete && !response.headersSent)
          createExchange(response, settings.now).send(
            world.refuse('api-exception', { message: String(error) }),
          );
        else response.destroy();
      });
    },
  });

  return {
    ...handles,
    url: server.origin + BASE_PATH,
    origin: server.origin,
    close: () => server.close(),
  };
}
