// What holdfast promises, how each promise would be broken, and the test that tells. `npm run mutations` breaks each of
// them in a copy, one at a time; docs/invariants.md is made of this list.

export interface Mutation {
  /** What goes wrong with it, as a sentence goes on after "broken where". */
  readonly where: string;
  /** Path in lib/. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Path in test/. */
  readonly test: string;
  /** Title of the test that goes red, or a piece of it. */
  readonly title: string;
  /** Where the title stands, if not in the test: a path from the root. */
  readonly titled?: string;
  /** The first seed of the simulation that tells, too, where one of the first 50 did (`--seeds 50`). */
  readonly seed?: number;
}

export interface Invariant {
  readonly id: string;
  /** What holds. */
  readonly says: string;
  readonly mutations: readonly Mutation[];
}

const REQUESTS: readonly Invariant[] = [
  {
    id: 'R1',
    says: 'Interceptors of a user run once for each call, however often it is sent.',
    mutations: [
      {
        where: 'a call that failed is repeated by the instance of the user',
        file: 'instance.ts',
        find: 'if (own) own.outcome = { error };',
        replace: `if (own) own.outcome = { error };
      const again = requestBehind(thrown) as (AxiosRequestConfig & { again?: true }) | undefined;
      if (again && !again.again) return instance.request({ ...again, again: true } as AxiosRequestConfig);`,
        test: 'policies/once.test.ts',
        title: 'runs once for a call that fails in the end',
        seed: 1,
      },
    ],
  },
  {
    id: 'R2',
    says: 'Each attempt sends exactly the bytes of the first, whatever becomes of what the caller gave.',
    mutations: [
      {
        where: 'the bytes that are kept are those of the caller',
        file: 'policies/body.ts',
        find: 'bytes ? bytes.slice().buffer :',
        replace: 'bytes ? bytes.buffer :',
        test: 'policies/replay.test.ts',
        title: 'is that of the moment of the call, though its caller changes',
      },
    ],
  },
  {
    id: 'R3',
    says: 'Headers that a transport adds are made anew for each attempt.',
    mutations: [
      {
        where: 'the attempts share one set of headers',
        file: 'policies/authorize.ts',
        find: 'Object.assign(new AxiosHeaders(), request.headers); //',
        replace: 'request.headers; //',
        test: 'policies/replay.test.ts',
        title: 'goes with headers made for each attempt',
        seed: 1,
      },
    ],
  },
  {
    id: 'R4',
    says: 'A body that can be read only once is sent only once, and the error says why.',
    mutations: [
      {
        where: 'a stream counts as a body that can be sent again',
        file: 'policies/retry.ts',
        find: "facts.body !== 'once'",
        replace: 'true',
        test: 'policies/replay.test.ts',
        title: 'is not sent again after a passing trouble, and the error says why',
      },
      {
        where: 'a limit sends a stream again',
        file: 'policies/failure.ts',
        find: "this.config.call.facts.body === 'once'",
        replace: 'false',
        test: 'policies/replay.test.ts',
        title: 'is not sent again after a limit, which it tells with its wait',
        seed: 16,
      },
    ],
  },
  {
    id: 'R5',
    says: 'Nothing is written into the config of the caller, and nothing of ours stays in what comes back.',
    mutations: [
      {
        where: 'an attempt is made ready in the config of the call',
        file: 'policies/authorize.ts',
        find: 'const config = copyOf(request);',
        replace: 'const config = request;',
        test: 'policies/once.test.ts',
        title: 'comes back with the response as it was sent, and can be sent again',
        seed: 1,
      },
    ],
  },
  {
    id: 'R7',
    says: 'One deadline spans queue, cooldown, refresh, backoff and body.',
    mutations: [
      {
        where: 'the deadline begins anew with each attempt',
        file: 'policies/call.ts',
        find: 'return this.startedAt + this.facts.total;',
        replace: 'return (this.sentAt || this.startedAt) + this.facts.total;',
        test: 'policies/time.test.ts',
        title: 'spans all attempts and the waits between them',
      },
      {
        where: 'the time of an attempt runs while its call waits for room',
        file: 'policies/call.ts',
        find: 'begin(): void {',
        replace: 'begin(): void {\n    this.attemptEndsAt = this.startedAt + this.facts.attemptTimeout;',
        test: 'policies/time.test.ts',
        title: 'does not run while the call waits for room',
      },
    ],
  },
  {
    id: 'R9',
    says: 'The time of an attempt counts its body too, whatever the adapter counts.',
    mutations: [
      {
        where: 'the time is left to axios',
        file: 'policies/transport.ts',
        find: 'config.timeout = 0;',
        replace: 'config.timeout = call.facts.attemptTimeout;\n  call.attemptEndsAt = Infinity;',
        test: 'integration/broken-answers.test.ts',
        title: 'a body that drips',
        titled: 'test/support/situations.ts',
      },
    ],
  },
  {
    id: 'R10',
    says: 'An abort ends a call for good wherever it waits, and keeps its reason.',
    mutations: [
      {
        where: 'whoever holds the call does not hear of it',
        file: 'policies/call.ts',
        find: 'this.#holder?.stop(cause);',
        replace: '',
        test: 'policies/abort.test.ts',
        title: 'at once, for good, with the caller',
        seed: 4,
      },
      {
        where: 'a backoff does not hear of it',
        file: 'policies/retry.ts',
        find: 'failure.config.signal = call.signal;',
        replace: '',
        test: 'policies/abort.test.ts',
        title: 'at once, for good, with the caller',
      },
      {
        where: 'the reason is not kept',
        file: 'policies/settle.ts',
        find: "return call.ended === 'aborted' ? withReason(error, call.reason) : error;",
        replace: 'return error;',
        test: 'policies/abort.test.ts',
        title: 'keeps any reason, whatever it is',
      },
    ],
  },
  {
    id: 'R11',
    says: 'A signal carries one listener for all its calls, and none once they are over.',
    mutations: [
      {
        where: 'the last call that is over leaves the listener there',
        file: 'policies/signals.ts',
        find: 'if (group.followers.size === 0) group.stop();',
        replace: '',
        test: 'policies/abort.test.ts',
        title: 'carries one listener for 10 000 calls, and none when they are over',
        seed: 1,
      },
      {
        where: 'each call has a listener of its own',
        file: 'policies/signals.ts',
        find: 'GROUPS.set(signal, group);',
        replace: '',
        test: 'policies/abort.test.ts',
        title: 'carries one listener for 10 000 calls, and none when they are over',
      },
    ],
  },
  {
    id: 'R12',
    says: 'No timer is longer than Node can count, and none is left once calls are over or a client is closed.',
    mutations: [
      {
        where: 'a timer may have any length',
        file: 'policies/alarm.ts',
        find: 'Math.min(LONGEST, Math.max(1, Math.ceil(moment - now)))',
        replace: 'Math.max(1, Math.ceil(moment - now))',
        test: 'policies/alarm.test.ts',
        title: 'for a moment later than any timer can wait does not ring at once',
      },
      {
        where: 'the timer of the calls goes on after the last of them',
        file: 'policies/watch.ts',
        find: 'timer.off();',
        replace: '',
        test: 'policies/closing.test.ts',
        title: 'leaves no timer and no listener',
      },
      {
        where: 'a refresh that nobody waits for any more keeps its timer',
        file: 'session/runner.ts',
        find: 'if (!holder.flight) clearTimeout(timer);',
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'leave no timer when nobody waits any more',
      },
    ],
  },
  {
    id: 'Every promise settles',
    says: 'Whatever calls and faults come, each promise settles in its time.',
    mutations: [
      {
        where: 'the calls are looked at once, and not again',
        file: 'policies/watch.ts',
        find: 'wakeBy(Math.max(earliest, now + calls.size / LOOKED_AT_IN_A_MS));',
        replace: '',
        test: 'policies/schedules.test.ts',
        title: 'settles every promise in its time',
      },
      {
        where: 'a call that the caller’s own code breaks keeps its place',
        file: 'wire.ts',
        find: "traffic.leave(config, outcome ? passageOf(outcome) : 'unknown');",
        replace: 'if (outcome) traffic.leave(config, passageOf(outcome));',
        test: 'policies/judging.test.ts',
        title: 'that a throwing validateStatus looks at frees its place in the bucket',
      },
      {
        where: 'who comes as a bucket opens switches off its alarm',
        file: 'policies/gate.ts',
        find: 'else if (places(now) > 0)',
        replace: 'else if (Number.isNaN(now))',
        test: 'policies/queue.test.ts',
        title: 'leave also where another one comes in the moment in which it ends',
      },
    ],
  },
];

const RETRY: readonly Invariant[] = [
  {
    id: 'R16',
    says: 'Nothing is sent earlier than the server told; where that is too long, the call fails at once and says so.',
    mutations: [
      {
        where: 'the backoff alone counts',
        file: 'decide/retry.ts',
        find: 'Math.max(facts.told ?? 0, backoffDelay(facts.retry, policy.backoff, random))',
        replace: 'backoffDelay(facts.retry, policy.backoff, random)',
        test: 'policies/retry.test.ts',
        title: 'is never asked earlier, whatever it says',
        seed: 45,
      },
      {
        where: 'a wait that is too long is cut short',
        file: 'decide/retry.ts',
        find: 'if (afterMs > facts.patience)',
        replace: 'if (afterMs > facts.patience && facts.patience < 0)',
        test: 'policies/retry.test.ts',
        title: 'is not waited for longer than the call may last: it fails at once and says how long',
      },
    ],
  },
  {
    id: 'R17',
    says: 'Repeats in vain are bounded by one budget for all calls to a server, whatever the outage.',
    mutations: [
      {
        where: 'repeats cost nothing',
        file: 'decide/budget.ts',
        find: 'settle(state, policy, now).saved - 1;',
        replace: 'settle(state, policy, now).saved;',
        test: 'policies/retry-budget.test.ts',
        title: 'is met with no more repeats than the budget allows, at any moment',
      },
      {
        where: 'failures give back what their repeats cost',
        file: 'policies/server.ts',
        find: 'lastFailure = passage.failedWith;',
        replace:
          'lastFailure = passage.failedWith;\n        if (call.paid && budget) budget = payBack(budget, call.facts.terms.retry.budget, now);',
        test: 'policies/retry-budget.test.ts',
        title: 'is met with no more repeats than the budget allows, at any moment',
      },
      {
        where: 'the delay is not spread',
        file: 'decide/retry.ts',
        find: 'backoffDelay(facts.retry, policy.backoff, random)',
        replace: 'backoffDelay(facts.retry, policy.backoff, 0)',
        test: 'policies/retry.test.ts',
        title: 'waits anywhere between nothing and its backoff, before every repeat',
      },
    ],
  },
];

const COOLDOWN: readonly Invariant[] = [
  {
    id: 'R21',
    says: 'A cooldown holds every waiting and new call of its bucket, and no other.',
    mutations: [
      {
        where: 'a closed bucket has room',
        file: 'decide/gate.ts',
        find: 'if (now < opensAt) return 0;',
        replace: '',
        test: 'policies/cooldown.test.ts',
        title: 'closes its bucket: it and every later call wait until the server allows them',
        seed: 4,
      },
      {
        where: 'all buckets of a server are one',
        file: 'policies/server.ts',
        find: 'const known = gates.get(lane);',
        replace: 'const [known] = gates.values();',
        test: 'policies/cooldown.test.ts',
        title: 'leaves the other buckets alone',
        seed: 1,
      },
      {
        where: 'who waited for the server does not look at the bucket any more',
        file: 'policies/gate.ts',
        find: 'if (places(now) === 0) return wait(config, now, false);',
        replace: '',
        test: 'policies/queue.test.ts',
        title: 'does not leave in the place of one that closed its bucket',
        seed: 4,
      },
    ],
  },
  {
    id: 'R22',
    says: 'A cooldown ends when the latest of all hints says, whatever order they come in.',
    mutations: [
      {
        where: 'the last hint counts',
        file: 'decide/gate.ts',
        find: 'Math.max(state.opensAt, now + wait(strikes, policy, told, isTelling(shown)))',
        replace: 'now + wait(strikes, policy, told, isTelling(shown))',
        test: 'policies/cooldown.test.ts',
        title: 'is not moved forward by a shorter hint that arrives later (R22)',
      },
      {
        where: 'the first hint counts',
        file: 'decide/gate.ts',
        find: ': { ...state, opensAt };\n}\n\n/**\n * The bucket is closed for',
        replace: ': state;\n}\n\n/**\n * The bucket is closed for',
        test: 'policies/cooldown.test.ts',
        title: 'is moved back by a longer hint that arrives later',
        seed: 15,
      },
    ],
  },
  {
    id: 'R23',
    says: 'After a cooldown one call goes first, and each success lets one more through.',
    mutations: [
      {
        where: 'all leave at once',
        file: 'decide/gate.ts',
        find: 'return { opensAt, window: 1,',
        replace: 'return { opensAt, window: Infinity,',
        test: 'policies/queue.test.ts',
        title: 'go one at first, and one more at once after each success',
        seed: 1,
      },
      {
        where: 'a call from before the cooldown lets one through',
        file: 'decide/gate.ts',
        find: 'if (epoch !== state.epoch || (window',
        replace: 'if ((window',
        test: 'policies/queue.test.ts',
        title: 'are not let go by the success of a call that left before the cooldown',
        seed: 1,
      },
      {
        where: 'what a refusal taught is forgotten with an idle bucket',
        file: 'decide/gate.ts',
        find: 'now >= opensAt + (window === Infinity && !rate ? 0 : keepFor);',
        replace: 'now >= opensAt;',
        test: 'policies/queue.test.ts',
        title: 'goes alone after a cooldown of its bucket, however many others were called since',
      },
    ],
  },
  {
    id: 'R25',
    says: 'Calls leave in the order in which they came, and one that was limited keeps its place.',
    mutations: [
      {
        where: 'the newest goes first',
        file: 'policies/line.ts',
        find: '(newestFirst ? place : -place)',
        replace: '(newestFirst ? -place : place)',
        test: 'policies/queue.test.ts',
        title: 'leave in the order in which they came, behind the one that is sent again',
        seed: 1,
      },
      {
        where: 'a limited call has to find a place in a full queue',
        file: 'policies/gate.ts',
        find: ' || config.call.attempts > 0) return undefined;',
        replace: ') return undefined;',
        test: 'policies/queue.test.ts',
        title: 'takes back a call that the server limited: its place is its own (R25)',
      },
    ],
  },
  {
    id: 'R26',
    says: 'Queue and wait are bounded, and whoever is turned away gets an error with a code of its own.',
    mutations: [
      {
        where: 'the queue has no end',
        file: 'policies/gate.ts',
        find: 'if (line.size < terms.cooldown.maxQueued || config',
        replace: 'if (line.size >= 0 || config',
        test: 'policies/queue.test.ts',
        title: 'refuses the next call at once, with a code of its own',
      },
      {
        where: 'the wait has no end',
        file: 'decide/gate.ts',
        find: 'if (retryAfter + waited <= patience && retryAfter',
        replace: 'if (retryAfter',
        test: 'policies/cooldown.test.ts',
        title: 'is not waited for: the call fails at once and says how long it would be',
      },
      {
        where: 'a client that is closed leaves its calls waiting',
        file: 'wire.ts',
        find: "watch.endAll('closed');",
        replace: '',
        test: 'policies/closing.test.ts',
        title: 'ends every call at once, wherever it waits, and leaves no timer',
      },
    ],
  },
];

const SESSION: readonly Invariant[] = [
  {
    id: 'I1',
    says: 'Of all tabs, processes and hosts one refreshes at a time.',
    mutations: [
      {
        where: 'a claim takes no notice of that of another holder',
        file: 'decide/record.ts',
        find: 'if (intent && now < intent.until)',
        replace: 'if (intent && now < intent.at)',
        test: 'session/coordinated.test.ts',
        title: 'refresh once: whoever comes second waits for the tokens of the first',
        seed: 1,
      },
      {
        where: 'a claim that has lapsed is still good for sending',
        file: 'decide/record.ts',
        find: 'if (!record || !intent || now >= intent.until)',
        replace: 'if (!record || !intent)',
        test: 'session/conformance.test.ts',
        title: 'A lapsed claim cannot be marked, even if nobody came after it',
        titled: 'lib/testing/claim-cases.ts',
      },
    ],
  },
  {
    id: 'I2',
    says: 'A refresh token is presented once; again only where the server takes no offence or nothing is left to lose.',
    mutations: [
      {
        where: 'a refresh without an answer is tried again at once',
        file: 'decide/session-machine.ts',
        find: "if (says === 'silent') return finish(next, outcome, telling);",
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'is not tried again before the server must be done with it (I2)',
        seed: 34,
      },
      {
        where: 'a strict server is asked twice while the access token is good',
        file: 'decide/rotation.ts',
        find: "if (rotation === 'strict') return false;",
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'is not tried again with a strict server while the access token is good, and then it is',
      },
      {
        where: 'sessions of one refresh token refresh each for themselves',
        file: 'renewals.ts',
        find: 'if (known) return known.renewal;',
        replace: '',
        test: 'integration/peers.test.ts',
        title: '20 requests of 20 sessions from one cookie: 20 ok, 1 refresh',
      },
    ],
  },
  {
    id: 'I3',
    says: 'Whoever has seen tokens takes no older ones, also from a store that went back.',
    mutations: [
      {
        where: 'a holder takes whatever the record says',
        file: 'decide/session-saving.ts',
        find: "if ('end' in record || record.ver <= held.ver) return state;",
        replace: "if ('end' in record) return state;",
        test: 'session/coordinated.test.ts',
        title: 'take no older tokens from a record that went back, and do not refresh by it (I3)',
      },
      {
        where: 'a holder refreshes by a record that went back',
        file: 'decide/record.ts',
        find: 'if (!record || isOlder(record, seen))',
        replace: 'if (!record)',
        test: 'session/coordinated.test.ts',
        title: 'take no older tokens from a record that went back, and do not refresh by it (I3)',
      },
    ],
  },
  {
    id: 'I4',
    says: 'A call leaves with the newest token that is known at that moment.',
    mutations: [
      {
        where: 'the token is chosen when the call begins',
        file: 'policies/call.ts',
        find: '  begin(): void {',
        replace: `  begin(): void {
    const { identity } = this.facts;
    const chosen = identity.credential();
    Object.defineProperty(this.facts, 'identity', { value: { ...identity, credential: () => chosen } });`,
        test: 'policies/bearer.test.ts',
        title: 'that waited in the queue leaves with the token of that moment',
        seed: 1,
      },
      {
        where: 'a call that waited does not look whether its token has expired meanwhile',
        file: 'wire.ts',
        find: '(enter(config) ?? config)',
        replace: '(traffic.enter(config)?.then(again) ?? config)',
        test: 'policies/bearer.test.ts',
        title: 'that waited for a cooldown until its token expired never sends it',
        seed: 35,
      },
    ],
  },
  {
    id: 'I5',
    says: 'No call carries a token of another login, and nobody who waits gets one.',
    mutations: [
      {
        where: 'the tokens of whoever logged in since are taken for newer ones',
        file: 'decide/session-saving.ts',
        find: "const end = record.gen > held.gen ? REPLACED : 'end' in record ? record.end : undefined;",
        replace: "const end = 'end' in record ? record.end : (void REPLACED, undefined);",
        test: 'session/registry.test.ts',
        title: 'finds the login that took the place of a session, also where that one is still held',
      },
      {
        where: 'whoever joins a session does not look whose it is',
        file: 'session/runner.ts',
        find: 'if (mine === undefined || theirs === undefined || mine === theirs) return { version, seen };',
        replace: 'if (mine !== null || theirs !== null) return { version, seen };',
        test: 'session/registry.test.ts',
        title: 'never gives one customer the session of another, whoever was first',
        seed: 36,
      },
    ],
  },
  {
    id: 'I6',
    says: 'Whoever waits for tokens hears by a deadline, whatever other holders and the store do.',
    mutations: [
      {
        where: 'a store that never answers is waited for',
        file: 'session/answers.ts',
        find: 'else isDown();',
        replace: '',
        test: 'session/registry.test.ts',
        title: 'that hangs holds up nobody for longer than a refresh may take',
      },
      {
        where: 'the refreshes of others are waited for without end',
        file: 'decide/session-machine.ts',
        find: 'if (left <= 0) return finish(state, UNKNOWN);',
        replace:
          'if (left <= 0) return [on(state, flight, { step: "waiting" }), [{ do: "wake", afterMs: got.ms }]];',
        test: 'session/coordinated.test.ts',
        title: 'wait no longer than two exchanges may take',
      },
    ],
  },
  {
    id: 'I7',
    says: 'The end of a session is told exactly once, by one of all its holders; trouble that passes is no end.',
    mutations: [
      {
        where: 'nobody tells of it',
        file: 'decide/session-machine.ts',
        find: "[telling, { do: 'close', at: { gen, ver }, end }],",
        replace: "[telling, { do: 'close', at: { gen, ver: -1 }, end }],",
        test: 'session/session-end.test.ts',
        title: 'ends once when the server says that the refresh token is dead (I7)',
        seed: 27,
      },
      {
        where: 'whoever sees the end tells of it',
        file: 'decide/session-saving.ts',
        find: 'const isOurs = state.untold !== undefined && end.by === state.untold;',
        replace: 'const isOurs = state.untold === undefined || end.by === state.untold;',
        test: 'session/coordinated.test.ts',
        title: 'end together, and one of them tells of it',
        seed: 5,
      },
      {
        where: 'a verdict that the store may have is left to whoever asks again, and nobody does',
        file: 'decide/session-saving.ts',
        find: 'const told = untold === undefined ? [] : [tell];',
        replace: 'const told: readonly Effect<G>[] = [];',
        test: 'session/coordinated.test.ts',
        title: 'whoever logs out then tells of the end, once (I7)',
      },
    ],
  },
  {
    id: 'I8',
    says: 'Only a verdict about the current refresh token, a logout or another customer ends a session.',
    mutations: [
      {
        where: 'any failure of a refresh is a verdict',
        file: 'session/mishap.ts',
        find: "row?.session === 'end' ? 'dead'",
        replace: "row ? 'dead'",
        test: 'session/session-end.test.ts',
        title: 'is kept by anything that is no verdict about its refresh token, and tells every waiter',
        seed: 3,
      },
      {
        where: 'the failure of a refresh of tokens that were replaced meanwhile counts',
        file: 'decide/session-machine.ts',
        find: 'if (state.held.ver !== ver) return finish(state, TAKEN, telling);',
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'do not doubt tokens that a hint brought, whatever becomes of the refresh of those before',
      },
    ],
  },
  {
    id: 'I9',
    says: 'Logout wins: no token is sent or kept after it, and tokens that come too late are revoked.',
    mutations: [
      {
        where: 'tokens that come after it stay valid',
        file: 'decide/session-machine.ts',
        find: "if (state.end) return finish(state, SESSION_ENDED, { do: 'revoke', grant });",
        replace: 'if (state.end) return finish(state, SESSION_ENDED);',
        test: 'session/session-end.test.ts',
        title: 'hands over tokens that arrive too late, and never sends them (I9)',
      },
      {
        where: 'a store in trouble is told once',
        file: 'session/runner.ts',
        find: "if (tries < MOST_SAVES) setTimeout(() => endAt({ do: 'end', gen, end }, tries + 1), pauseAfter(tries));",
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'hears of a logout as soon as it works: nobody goes on with the session (I9)',
      },
      {
        where: 'a store that was given up before it confirmed the beginning hears of no end',
        file: 'decide/session-saving.ts',
        find: 'if (!mayHaveBegun) return',
        replace: 'if (mayHaveBegun) return',
        test: 'session/registry.test.ts',
        title:
          'that never said that a session has begun is asked when it is logged out: nobody goes on with it',
      },
      {
        where: 'an ended session hands out its token',
        file: 'session/session-core.ts',
        find: "if (runner.holder.end) return refuse({ cause: 'session-ended' });",
        replace: '',
        test: 'session/session-end.test.ts',
        title: 'has nothing to send with, and refreshes no more',
        seed: 8,
      },
    ],
  },
  {
    id: 'I10',
    says: 'New tokens are saved before anybody gets them.',
    mutations: [
      {
        where: 'a save is not waited for',
        file: 'session/store.ts',
        find: 'await within(timeout, () => save(tokens, { key, replaced }));',
        replace: 'void within(timeout, () => save(tokens, { key, replaced }));',
        test: 'session/store.test.ts',
        title: 'are saved before any call gets them',
      },
      {
        where: 'a save that fails is not repeated',
        file: 'decide/session-saving.ts',
        find: "if (event.is === 'down' && !state.end && tries < MOST_SAVES)",
        replace: "if (event.is === 'down' && !state.end && tries < 0)",
        test: 'session/coordinated.test.ts',
        title:
          'does not lose new tokens: they are saved as soon as it works, and only then anybody gets them (I10)',
      },
    ],
  },
  {
    id: 'I11',
    says: 'A refresh writes over the tokens that it began with, and over no others.',
    mutations: [
      {
        where: 'a commit takes whatever is there for its own',
        file: 'decide/record.ts',
        find: 'record.gen !== at.gen || record.ver !== at.ver) return [record, false];\n  return [{ gen',
        replace: 'record.gen !== at.gen) return [record, false];\n  return [{ gen',
        test: 'session/conformance.test.ts',
        title: 'Who saves first is right: a second commit in place of the same tokens is refused',
        titled: 'lib/testing/claim-cases.ts',
      },
      {
        where: 'a save that is tried again goes on after a hint of newer tokens',
        file: 'decide/session-saving.ts',
        find: "if (from !== ver && !state.end && event.is !== 'abandoned') return finish(state, TAKEN);",
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'that lost the answer to a save does not get the same tokens in place of newer ones (I11)',
      },
      {
        where: 'a hint that came during the refresh is written over',
        file: 'decide/session-machine.ts',
        find: "if (state.held.ver !== ver) return finish(state, TAKEN);\n  return [\n    on(state, flight, {\n      step: 'committing'",
        replace: "return [\n    on(state, flight, {\n      step: 'committing'",
        test: 'session/coordinated.test.ts',
        title: 'do not doubt tokens that a hint brought, whatever becomes of the refresh of those before',
      },
    ],
  },
  {
    id: 'I12',
    says: 'A 401 for older tokens than those in hand costs no refresh.',
    mutations: [
      {
        where: 'a late 401 is one like any other',
        file: 'decide/session.ts',
        find: "if (used < version) return { do: 'replay' };",
        replace: '',
        test: 'policies/bearer.test.ts',
        title: 'cost one refresh also where their 401s arrive one by one (I12)',
        seed: 1,
      },
    ],
  },
  {
    id: 'I13',
    says: 'No more refreshes work in any window than the limit allows, whatever the API answers.',
    mutations: [
      {
        where: 'one more is let through',
        file: 'decide/session.ts',
        find: '.at(-limit.refreshes);',
        replace: '.at(-limit.refreshes - 1);',
        test: 'session/refresh-limit.test.ts',
        title:
          'holds in every window for refreshes that work, whatever is asked and whatever the server answers (I13)',
      },
    ],
  },
  {
    id: 'I14',
    says: 'Whoever stops waiting for a refresh changes nothing for it and for the others.',
    mutations: [
      {
        where: 'the others leave with the one who leaves',
        file: 'session/waiting-room.ts',
        find: 'if (waiting.delete(one) && waiting.size === 0) onEmpty();',
        replace:
          'for (const each of waiting) each.settle({ ok: false, thrown: { cause } });\n            waiting.clear();\n            onEmpty();',
        test: 'session/session-core.test.ts',
        title: 'lets one waiter leave at once without touching the refresh or the others (I14)',
        seed: 27,
      },
    ],
  },
  {
    id: 'I15',
    says: 'Listeners are told when the machine is at rest, and may call back into it.',
    mutations: [
      {
        where: 'the call of a refresh, which has listeners too, leaves in the middle of a step',
        file: 'session/runner.ts',
        find: 'afterwards.push(() => send(effect));',
        replace: 'send(effect);',
        test: 'policies/events.test.ts',
        title: 'reach the listeners of the session and those of its client, in order',
      },
    ],
  },
  {
    id: 'I16',
    says: 'A credential goes to allowed origins, and is never taken along by a redirect.',
    mutations: [
      {
        where: 'it goes to any origin',
        file: 'policies/authorize.ts',
        find: 'if (origin === undefined || !allowed.has(origin))',
        replace: 'if (origin === undefined)',
        test: 'policies/origins.test.ts',
        title: 'does not go to',
        seed: 1,
      },
      {
        where: 'the transport follows redirects',
        file: 'policies/transport.ts',
        find: 'config.maxRedirects = 0;',
        replace: 'config.maxRedirects = 5;',
        test: 'integration/destinations.test.ts',
        title: 'to another origin is not followed, whatever the call carries',
      },
    ],
  },
  {
    id: 'I18',
    says: 'A call is sent once more after a 401, and not again where the new token is refused too.',
    mutations: [
      {
        where: 'each 401 costs a refresh',
        file: 'policies/refresh.ts',
        find: 'call.refusedSince !== undefined && call.grantedAt >= call.refusedSince',
        replace: 'call.refusedSince === -1',
        test: 'policies/bearer.test.ts',
        title: 'that is refused a second time fails, and the session is kept (R33)',
        seed: 1,
      },
      {
        where: 'a body that is spent is sent again with the new token',
        file: 'policies/refresh.ts',
        find: 'failure.mustBeReplayable();',
        replace: '',
        test: 'policies/replay.test.ts',
        title: 'is not sent again after a 401, but the next call has the new token',
      },
    ],
  },
  {
    id: 'I19',
    says: 'A refresh passes through no interceptor of a user and waits for no call.',
    mutations: [
      {
        where: 'it goes through the instance of the client',
        file: 'auth-client.ts',
        find: 'const response = await plain.request({',
        replace: 'void plain;\n    const response = await http.request({',
        test: 'policies/once.test.ts',
        title: 'on the client sees no refresh',
        seed: 3,
      },
      {
        where: 'it waits for room like a call',
        file: 'policies/server.ts',
        find: 'if (call.facts.endpoint?.urgent || (mayPass',
        replace: 'if ((mayPass',
        test: 'policies/bearer.test.ts',
        title: 'waits for no call, though their server has room for none (I19)',
      },
    ],
  },
  {
    id: 'I20',
    says: 'A record that is lost or cannot be read is trouble with the store, and never an end.',
    mutations: [
      {
        where: 'a lost record ends its session',
        file: 'decide/session-machine.ts',
        find: "if (got.is === 'lost') return finish(state, UNAVAILABLE);",
        replace:
          "if (got.is === 'lost') return finish({ ...state, end: { reason: 'revoked', because: 'It is lost.' } }, SESSION_ENDED);",
        test: 'session/coordinated.test.ts',
        title: 'that lost the record is no reason either (I20)',
      },
    ],
  },
  {
    id: 'I21',
    says: 'A token is fresh on arrival, and a clock that jumps costs one refresh at most.',
    mutations: [
      {
        where: 'it is due as early as somebody wished',
        file: 'decide/session.ts',
        find: 'Math.min(skew, span.lifetime * SKEW_LIMIT)',
        replace: 'skew',
        test: 'decide/session.test.ts',
        title:
          'is never due on arrival, however short it lives and however early it should be refreshed (I21)',
      },
      {
        where: 'what the clocks said when the token came is not kept',
        file: 'session/grant.ts',
        find: 'offset: held.offset ?? (clock && offsetOf(clock)),',
        replace: 'offset: held.offset ?? 0 * (clock ? offsetOf(clock) : 0),',
        test: 'session/server-clock.test.ts',
        title: 'costs at most one refresh more for each jump of a clock (I21)',
        seed: 1,
      },
    ],
  },
  {
    id: 'I22',
    says: 'A refresh that brings the token of somebody else ends the session, and that token is never sent.',
    mutations: [
      {
        where: 'nobody looks whose it is',
        file: 'decide/session-machine.ts',
        find: 'if (mine.subject !== undefined && grant.subject !== undefined && mine.subject !== grant.subject) {',
        replace: 'if (mine.subject !== undefined && grant.subject !== undefined && false) {',
        test: 'session/session-core.test.ts',
        title:
          'ends the session, hands those tokens and its own over to be revoked, and never sends them (I22)',
        seed: 22,
      },
    ],
  },
  {
    id: 'I23',
    says: 'Once server and store are well again, a session whose refresh token is good goes on.',
    mutations: [
      {
        where: 'a refresh token in doubt is never presented again',
        file: 'decide/rotation.ts',
        find: 'if (!usable) return true;',
        replace: '',
        test: 'session/coordinated.test.ts',
        title: 'is not tried again with a strict server while the access token is good, and then it is',
        seed: 27,
      },
      {
        where: 'the pause after failures has no end',
        file: 'decide/session.ts',
        find: 'Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - PATIENCE))',
        replace: 'FIRST_PAUSE * LONGEST_PAUSE * 2 ** (failures - PATIENCE)',
        test: 'decide/session.test.ts',
        title: 'grows with the failures in a row, and is bounded for any number of them',
      },
      {
        where: 'a refresh that was refused is never tried again',
        file: 'decide/record.ts',
        find: '[{ ...record, intent: undefined, doubt,',
        replace: '[{ ...record, intent: { ...intent, until: Infinity }, doubt,',
        test: 'session/session-end.test.ts',
        title: 'can try again with the same refresh token',
        seed: 3,
      },
    ],
  },
];

const ERRORS: readonly Invariant[] = [
  {
    id: 'R36, I17',
    says: 'No secret and nothing of the transport is reachable from an error, an event or whatever is printed.',
    mutations: [
      {
        where: 'what a server echoes is quoted',
        file: 'policies/judge.ts',
        find: 'body: readErrorBody(response.data, call.secrets),',
        replace: 'body: readErrorBody(response.data),',
        test: 'secrets/echo.test.ts',
        title: 'teaches nobody a secret of',
      },
      {
        where: 'an error has the request for a cause',
        file: 'policies/settle.ts',
        find: "return call.ended === 'aborted' ? withReason(error, call.reason) : error;",
        replace: 'return withReason(error, { data: call.facts.request.data as unknown });',
        test: 'secrets/echo.test.ts',
        title: 'teaches nobody a secret of',
        seed: 10,
      },
      {
        where: 'a secret tells itself to JSON',
        file: 'contract/secret.ts',
        find: 'toJSON(): string {\n    return MASK;',
        replace: 'toJSON(): string {\n    return this.#value;',
        test: 'contract/secret.test.ts',
        title: 'prints as [secret] through',
      },
      {
        where: 'an error shows what other tools hang on it',
        file: 'contract/auth-error.ts',
        find: 'const present = FIELDS.filter((name) => this[name] !== undefined);',
        replace:
          'return { ...this };\n    const present = FIELDS.filter((name) => this[name] !== undefined);',
        test: 'contract/auth-error.test.ts',
        title: 'is in toJSON, whatever another tool hung on the error',
      },
      {
        where: 'an event tells the address with its query',
        file: 'policies/call.ts',
        find: 'route: routeOf(path), bucket',
        replace: 'route: this.facts.url, bucket',
        test: 'policies/events.test.ts',
        title: 'carry nothing secret (I17)',
      },
    ],
  },
];

/** By what they are about. */
export const INVARIANTS: Readonly<Record<string, readonly Invariant[]>> = {
  Requests: REQUESTS,
  Retry: RETRY,
  Cooldown: COOLDOWN,
  Session: SESSION,
  Errors: ERRORS,
};
