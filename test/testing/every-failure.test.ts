// Every failure that an operation can get, ordered by its code and by its row, is what the client gives.
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type ts from 'typescript';
import { programOf } from '../../docs/api/compiler.js';
import { OPERATIONS, type Operation } from '../../lib/contract/endpoints.js';
import { FAILURES } from '../../lib/contract/failures.js';
import { authModesOf, namesFor } from '../../lib/testing/samples.js';
import type { Mock } from '../../lib/testing/index.js';
import { CALLS, errorOf } from '../nock/mock.js';
import { CREDENTIALS, ONCE, TOKENS, useKit } from './stage.js';

const policiesFor = (name: string) => ({
  ...ONCE,
  timeout: { total: /deadline/i.test(name) ? 2_000 : 10_000, attempt: /timeout/i.test(name) ? 50 : 10_000 },
});
const ALL: readonly Operation[] = [...OPERATIONS, 'request'];

describe('A failure that is ordered', () => {
  const { client, http, ...kit } = useKit2();

  /** A mock whose names are not checked by the compiler: they come from the table. */
  const failing = (operation: Operation) =>
    (operation === 'request' ? kit.api().route('GET', '/orders') : kit.api()[operation]) as unknown as {
      fails(name: string): ReturnType<Mock<'login'>['fails']>;
    };

  for (const operation of ALL)
    for (const auth of authModesOf(operation))
      it(`on ${operation} with ${auth} is the one that the client gives, by its code and by its row`, async () => {
        const codes = namesFor(operation, auth, 'code');
        expect(codes.length).to.be.greaterThan(10);
        for (const name of [...codes, ...ambiguousIn(namesFor(operation, auth, 'id'))]) {
          failing(operation).fails(name).always();
          if (operation !== 'refresh') kit.api().refresh.rotates().always();
          const credentials = auth === 'none' ? undefined : CREDENTIALS;
          const from = client({ credentials, policies: policiesFor(name) });
          const alone = http({ policies: policiesFor(name) });
          const seen: { readonly row: string; readonly code: string }[] = [];
          for (const each of [from, alone]) each.on('failure', (failure) => void seen.push(failure));
          const session = from.resume(TOKENS);
          const plain = { bearer: session.http, basic: from.http, none: alone }[auth];
          const error = await errorOf(
            operation === 'request' ? plain.get('/orders') : CALLS[operation](from, session),
          );
          const by = codes.includes(name) ? 'code' : 'row';
          expect(new Set(seen.map((failure) => failure[by])), name).to.deep.equal(new Set([name]));
          // Of a refresh whose answer is lost the session says that nobody knows which tokens are good.
          const isLost = error.code === 'OUTCOME_UNKNOWN' && operation === 'refresh';
          if (by === 'code' && !isLost) expect(error).to.include({ code: name, operation });
          kit.api().reset();
        }
      });

  it('has the words of the API, and the fields that the operation sends', async () => {
    kit.api().login.fails('USER_NOT_FOUND');
    expect(await errorOf(CALLS.login(client()))).to.include({
      status: 404,
      key: 'USER_NOT_FOUND',
      message: 'Your email address or password is incorrect. Please try again.',
    });
    kit.api().exchangeCode.fails('VALIDATION_FAILED');
    expect((await errorOf(CALLS.exchangeCode(client()))).details).to.deep.equal([
      { field: 'code', message: 'The code is not valid.' },
    ]);
    kit.api().register.fails('VALIDATION_FAILED');
    const { details } = await errorOf(CALLS.register(client()));
    expect((details as { field: string }[]).map(({ field }) => field)).to.deep.equal(['email', 'password']);
  });

  it('takes fields of one’s own into its body', async () => {
    kit.api().login.fails('USER_NOT_FOUND', { message: 'Nobody.', hint: 'Look elsewhere.' });
    expect(await errorOf(CALLS.login(client()))).to.include({
      code: 'USER_NOT_FOUND',
      message: 'Nobody.',
      hint: 'Look elsewhere.',
    });
  });

  it('that the operation cannot get is refused when it is ordered, with those that it can', () => {
    expect(() => failing('login').fails('USER_ALREADY_EXISTS')).to.throw(
      TypeError,
      /^api\.login\.fails: what it fails with must be one of .*USER_NOT_FOUND.*; got "USER_ALREADY_EXISTS"\.$/,
    );
    for (const [operation, name] of [
      ['register', 'CONFLICT'],
      ['logout', 'INVALID_TOKEN'],
      ['login', 'ABORTED'],
      ['login', 'NOT_MOCKED'],
      ['validate', 'success'],
    ] as const)
      expect(() => failing(operation).fails(name), name).to.throw(TypeError);
  });

  it('that cannot be the answer to what the call carried is told to the call', async () => {
    kit.api().login.fails('UNAUTHORIZED');
    const error = await errorOf(CALLS.login(client()));
    expect(error).to.include({ code: 'NOT_MOCKED', attempts: 1 });
    expect(error.message).to.equal(
      "fails('UNAUTHORIZED') cannot be the answer to login with client credentials.",
    );
  });

  it('has every row of the table that comes from outside', () => {
    const ours = FAILURES.filter(({ reaction }) => reaction !== 'accept').filter(({ id }) =>
      ALL.every((operation) =>
        authModesOf(operation).every((auth) => !namesFor(operation, auth, 'id').includes(id)),
      ),
    );
    for (const { id, when } of ours) for (const way of when) expect('cause' in way, id).to.equal(true);
    expect(ours.map(({ code }) => code as string)).to.not.include.members(['TIMEOUT', 'CONNECTION_LOST']);
  });
});

describe('The compiler', () => {
  it('knows for each operation just the names that can be ordered', function () {
    this.timeout(60_000);
    const typed = unionsOf(['MockableCode', 'MockableRow']);
    for (const operation of ALL)
      for (const [type, by] of [
        ['MockableCode', 'code'],
        ['MockableRow', 'id'],
      ] as const) {
        const names = new Set(authModesOf(operation).flatMap((auth) => namesFor(operation, auth, by)));
        expect(typed[`${type} ${operation}`], `${type}<'${operation}'>`).to.have.members([...names]);
      }
  });
});

/** Rows that their code alone does not tell from others. */
function ambiguousIn(ids: readonly string[]): string[] {
  const rows = FAILURES.filter(({ id }) => ids.includes(id));
  return rows.filter(({ code }) => rows.filter((row) => row.code === code).length > 1).map(({ id }) => id);
}

/** The members of each of these types, for each operation. */
function unionsOf(types: readonly string[]): Record<string, string[]> {
  const lib = fileURLToPath(new URL('../../lib/testing/', import.meta.url));
  const file = `${lib}every-failure-probe.ts`;
  const wanted = types.flatMap((type) => ALL.map((operation) => ({ type, operation })));
  const text = [
    `import type { ${types.join(', ')} } from './mockable.js';`,
    ...wanted.map(({ type, operation }, at) => `export type T${at} = ${type}<'${operation}'>;`),
  ].join('\n');
  const program = programOf(new Map([[file, text]]));
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  return Object.fromEntries(
    wanted.map(({ type, operation }, at) => {
      const symbol = checker.getExportsOfModule(module).find(({ name }) => name === `T${at}`)!;
      const union = checker.getDeclaredTypeOfSymbol(symbol) as ts.UnionType;
      return [`${type} ${operation}`, union.types.map((each) => (each as ts.StringLiteralType).value)];
    }),
  );
}

function useKit2() {
  const kit = useKit();
  return { client: kit.client, http: kit.http, api: () => kit.api };
}
