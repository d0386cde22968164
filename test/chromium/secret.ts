// Gives a client its secret, where a page or a worker runs this, and tells the page what came of it.
import { createAuthClient } from '../../lib/index.js';

function attempt(): string {
  try {
    createAuthClient({
      baseURL: 'https://api.example.com',
      credentials: { clientId: 'shop', clientSecret: 'top secret' },
    }).close();
    return 'It was taken.';
  } catch (error) {
    return String(error);
  }
}

new BroadcastChannel('secret').postMessage(attempt());
