// The form of docs/recipes/login-form.tsx by itself, in a page that can take it away; effects run twice, as React's
// strict mode has them.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserClient } from 'holdfast/browser';
import { LoginForm } from '../../docs/recipes/login-form.js';

const shop = createBrowserClient({ baseURL: `${location.origin}/bff` });
const root = createRoot(document.getElementById('login')!);
root.render(
  <StrictMode>
    <LoginForm shop={shop} onLogin={() => (document.title = 'signed in')} />
  </StrictMode>,
);

declare global {
  var takeAway: () => void;
}
globalThis.takeAway = () => root.unmount();
