// A login form: typed errors, a countdown where the API asks to wait, and no call left behind when it is gone.
import { useEffect, useLayoutEffect, useRef, useState, type SubmitEvent } from 'react';
import type { LoginError, Session } from 'holdfast';
import type { BrowserClient } from 'holdfast/browser';
import { LoginProblem } from './login-problem.js';

interface Props {
  readonly shop: Pick<BrowserClient, 'login'>;
  readonly onLogin: (session: Session) => void;
}

export function LoginForm({ shop, onLogin }: Props) {
  const [error, setError] = useState<LoginError>();
  const [isBusy, setBusy] = useState(false);
  const [waitUntil, setWaitUntil] = useState(0);
  const seconds = useSecondsUntil(waitUntil);
  const call = useRef(new AbortController());
  useEffect(() => () => call.current.abort(), []);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [email, password] = [fields.get('email') as string, fields.get('password') as string];
    const { signal } = (call.current = new AbortController());
    setBusy(true);
    setError(undefined);
    const login = await shop.login({ email, password }, { signal });
    setBusy(false);
    if (login.ok) {
      onLogin(login.value);
      return;
    }
    const { kind, retryAfter = 5_000 } = login.error;
    setError(login.error);
    if (kind === 'rate-limit') setWaitUntil(performance.now() + retryAfter);
  }

  const isOver = error?.kind === 'rate-limit' && seconds === 0;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        Email <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {/* The seconds are not in here: they would be read out one by one. */}
      <div aria-live="polite">
        {isOver ? 'You can try again now.' : error && <LoginProblem error={error} />}
      </div>
      <button disabled={isBusy || seconds > 0}>
        {isBusy ? 'Logging in …' : seconds > 0 ? `Wait ${seconds} s` : 'Log in'}
      </button>
    </form>
  );
}

/** Whole seconds until a time of `performance.now()`, counting down to 0. */
function useSecondsUntil(end: number): number {
  const [seconds, setSeconds] = useState(0);
  useLayoutEffect(() => {
    const timer = setInterval(look, 200);
    function look() {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1_000));
      setSeconds(left);
      if (left === 0) clearInterval(timer);
    }
    look();
    return () => clearInterval(timer);
  }, [end]);
  return seconds;
}
