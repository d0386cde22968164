// Where the form is used: one client for the page, who is signed in already, and a session that ends.
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { Session } from 'holdfast';
import { createBrowserClient } from 'holdfast/browser';
import { LoginForm } from './login-form.js';

const shop = createBrowserClient({ baseURL: `${location.origin}/bff` }); // not in a component: there is one

export function LoginPage() {
  /** `undefined`: not known yet; `null`: nobody. */
  const [session, setSession] = useState<Session | null>();
  const [trouble, setTrouble] = useState<string>();

  useEffect(() => {
    let isGone = false;
    void shop.session().then((known) => {
      if (isGone) return;
      if (known.ok) setSession(known.value ?? null);
      else setTrouble(known.error.userMessage); // nobody is logged out by this
    });
    const silence = shop.on('sessionEnded', () => setSession(null)); // logged out, here or elsewhere
    return () => {
      isGone = true;
      silence();
    };
  }, []);

  if (trouble !== undefined) return <p role="alert">{trouble}</p>;
  if (session === undefined) return <p>…</p>;
  if (session === null) return <LoginForm shop={shop} onLogin={setSession} />;
  return <button onClick={() => void session.logout()}>Log out</button>;
}

createRoot(document.getElementById('login')!).render(<LoginPage />);
