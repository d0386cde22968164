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

/**
 * The beginning of every script: the time of Redis as `now`, the hash as `r`, or `nil`, and what writes to it.
 * @param what what the record is of, for the error where it is not `intact`
 */
export function reading(
  numbers: readonly string[],
  texts: readonly string[],
  what: string,
  intact: string,
): string {
  const names = [...numbers, ...texts].map((name) => `'${name}'`).join(', ');
  return `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local names = {${names}}
local found, r = redis.call('HMGET', KEYS[1], unpack(names)), {}
for i, name in ipairs(names) do
  if found[i] then
    r[name] = found[i]
    if i <= ${numbers.length} then r[name] = tonumber(found[i]) end
  end
end
if not next(r) then
  r = nil
elseif not (${intact}) then
  return redis.error_reply('HOLDFAST the record of this ${what} is damaged')
end
local function text(number) return string.format('%.17g', number) end
local function write(...) redis.call('HSET', KEYS[1], ...) end
local function forget(...) redis.call('HDEL', KEYS[1], ...) end
`;
}

/** Of a newer version, or of nobody's. */
export const strange = () => new Error('Redis answered something that no step of this version does.');

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
