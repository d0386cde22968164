// A step at a record in Redis: one Lua script, one round trip, within a bounded time.
import { createHash } from 'node:crypto';
import type { Driver } from './client.js';

export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function scriptOf(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Rejects when Redis has not answered in time: nobody knows then whether the step took effect. */
export async function runStep(
  driver: Driver,
  timeout: number,
  script: Script,
  key: string,
  args: readonly string[],
): Promise<readonly string[]> {
  let isLate = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new Error(`Redis did not answer within ${timeout} ms.`));
    }, timeout);
  });
  try {
    return listOf(await Promise.race([late, send()]));
  } finally {
    clearTimeout(timer);
  }

  async function send(): Promise<unknown> {
    // Not left to the client's queue, which might carry out in a minute what everybody has given up by then.
    await driver.ready();
    if (isLate) return undefined;
    try {
      return await driver.evalsha(script, key, args);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return await driver.eval(script, key, args);
    }
  }
}

/** After a restart or a `SCRIPT FLUSH`. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** A client may be set up to give bytes, or the texts of a script as they are. */
function listOf(reply: unknown): readonly string[] {
  if (!Array.isArray(reply)) throw new Error('Redis answered something that no step does.');
  return reply.map(String);
}
