// The faults in force: which one, if any, hits a request.
import { OPERATIONS, BASE_PATH, type SandboxOperation } from './operations.js';
import { parseFaults } from './fault-parser.js';
import type { Fault, FaultInForce, RateLimit } from './fault-rules.js';
import { createRefuse, exampleBody, statusPage, type Reply } from './replies.js';
import type { Settings } from './options.js';

/** A fault that hits a request. `reply` stands in for processing; without it the request is processed. */
export interface Hit {
  readonly fault: Fault;
  readonly reply?: Reply;
}

interface Armed {
  readonly fault: Fault;
  skipped: number;
  left: number;
  /** The window of a rate limit. */
  startedAt: number;
  used: number;
}

export function createFaults(settings: Pick<Settings, 'faults' | 'keyCase' | 'now'>) {
  let rules = settings.faults.map(arm);
  const refuse = createRefuse(settings);

  /** Counts the request against the window; `undefined` while there is room in it. */
  function limited(rule: Armed, { limit, per, retryAfter }: RateLimit): Reply | undefined {
    const now = settings.now();
    if (now >= rule.startedAt + per) Object.assign(rule, { startedAt: now, used: 0 });
    rule.used += 1;
    if (rule.used <= limit) return undefined;
    const endsAt = rule.startedAt + per;
    const seconds = Math.ceil((endsAt - now) / 1_000);
    const { headers, ...reply } = refuse('too-many-attempts');
    const told = { ...headers, 'x-ratelimit-limit': String(limit), 'x-ratelimit-remaining': '0' };
    return { ...reply, headers: withRetryAfter(told, retryAfter ?? seconds, endsAt) };
  }

  function replyOf(fault: Fault, operation: SandboxOperation): Reply | undefined {
    if (fault.row !== undefined) return refuse(fault.row, {}, { headers: fault.headers });
    switch (fault.kind) {
      case 'status': {
        const { status, headers } = fault;
        const body = fault.html
          ? statusPage(status)
          : (fault.body ?? exampleBody(status, operation, settings));
        return { status, headers, body };
      }
      case 'html200':
        return { status: 200, body: statusPage(200) };
      case 'garbage':
        return { status: 200, headers: { 'content-type': 'application/json' }, body: statusPage(200) };
      default:
        return undefined;
    }
  }

  return {
    /** Adds one rule or several, checked, behind those in force. */
    add(input: unknown): void {
      rules.push(...parseFaults(input).map(arm));
    },

    /** Every rule since the last `heal()`, in the order in which they were added, and how often it will still hit. */
    list: (): FaultInForce[] =>
      rules.map(({ fault: { kind, on }, left }) => ({ kind, on, left: left === Infinity ? 'always' : left })),

    /** Ends all trouble. */
    heal(): void {
      rules = [];
    },

    reset(): void {
      rules = settings.faults.map(arm);
    },

    /** The first rule that is for this request and has times left; a rate limit with room passes it on. */
    take(operation: SandboxOperation, path: string): Hit | undefined {
      for (const rule of rules) {
        const { fault } = rule;
        if (rule.left === 0 || !isFor(fault.on, operation, path)) continue;
        if (rule.skipped < fault.after) {
          rule.skipped += 1;
          continue;
        }
        if (fault.rateLimit) {
          const reply = limited(rule, fault.rateLimit);
          if (reply) return { fault, reply };
          continue;
        }
        rule.left -= 1;
        const reply = replyOf(fault, operation);
        return reply ? { fault, reply } : { fault };
      }
      return undefined;
    },
  };
}

function arm(fault: Fault): Armed {
  return { fault, skipped: 0, left: fault.times, startedAt: -Infinity, used: 0 };
}

function isFor(on: string, operation: SandboxOperation, path: string): boolean {
  if (on === 'any') return true;
  if (OPERATIONS.includes(on as SandboxOperation)) return on === operation;
  return path.startsWith(on) || path.startsWith(BASE_PATH + on);
}

/** Retry-After in seconds, as a date, or not at all. A date is rounded up: it must not be earlier than the end. */
function withRetryAfter(
  headers: Record<string, string>,
  retryAfter: number | 'date' | 'none',
  endsAt: number,
): Record<string, string> {
  if (retryAfter === 'none')
    return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'retry-after'));
  const date = new Date(Math.ceil(endsAt / 1_000) * 1_000).toUTCString();
  return { ...headers, 'retry-after': retryAfter === 'date' ? date : String(retryAfter) };
}
