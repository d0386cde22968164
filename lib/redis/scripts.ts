// The steps of the coordinator contract as Lua scripts: decide/record.ts, carried out where the record is. Redis runs a
// script by itself, with its own clock, so that each step is atomic and costs one round trip.
import { reading, scriptOf } from './steps.js';

/**
 * Reads the record. ARGV: how long it is kept from now on (ms), the channel of hints, the seat; then those of the step.
 * A hint is no part of the step: where the user may not publish, it is lost. A record is written over and never deleted
 * first: in a slot that moves to another node, what is not there any more is that node's, and the script fails half-way.
 */
const RECORD = `${reading(
  ['gen', 'ver', 'fence', 'at', 'since', 'till', 'doubt', 'cool'],
  ['grant', 'phase', 'reason', 'because', 'by'],
  'session',
  'r.gen and r.ver and r.fence and r.at and (r.grant or r.reason) and (not r.phase or r.till)',
)}
local keep, channel, seat = ARGV[1], ARGV[2], ARGV[3]
local function keepOn() redis.call('PEXPIRE', KEYS[1], keep) end
local function older(gen, ver, thanGen, thanVer)
  return gen < thanGen or (gen == thanGen and ver < thanVer)
end
local function changed(gen, ver)
  redis.pcall('PUBLISH', channel, seat .. ' ' .. text(gen) .. ' ' .. text(ver))
end
local function seen()
  if r.reason then return {'end', text(r.gen), text(r.ver), r.reason, r.because or '', r.by or ''} end
  return {'tokens', text(r.gen), text(r.ver), text(math.max(0, now - r.at)), r.grant}
end
local function fresh(gen, ver, fence, grant)
  write('gen', text(gen), 'ver', text(ver), 'fence', text(fence), 'at', text(now), 'grant', grant)
  forget('since', 'till', 'doubt', 'cool', 'phase', 'reason', 'because', 'by')
  keepOn()
  changed(gen, ver)
end
`;

const script = (step: string) => scriptOf(RECORD + step);

// A first fence is a moment: an attempt from before the record was lost never passes for one of after.
export const BEGIN = script(`
if ARGV[5] == '1' and r and not r.reason then
  keepOn()
  return {text(r.gen), text(r.ver)}
end
local gen = (r and r.gen or 0) + 1
fresh(gen, 1, r and r.fence or now, ARGV[4])
return {text(gen), '1'}
`);

export const LOAD = script(`
if not r then return {'none'} end
if not r.reason then keepOn() end
return seen()
`);

export const CLAIM = script(`
local gen, ver, lease, eager = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'
if not r or older(r.gen, r.ver, gen, ver) then return {'lost'} end
if not r.reason then keepOn() end
if r.reason or older(gen, ver, r.gen, r.ver) then return {'newer', unpack(seen())} end
if r.phase and now < r.till then return {'busy', text(r.till - now)} end
if now < (r.cool or 0) and not eager then return {'cooling', text(r.cool - now)} end
local doubt = r.doubt or (r.phase == 'sent' and r.since)
local fence = r.fence + 1
write('fence', text(fence), 'phase', 'claimed', 'since', text(now), 'till', text(now + lease))
forget('cool')
if not doubt then return {'claimed', text(fence)} end
write('doubt', text(doubt))
return {'claimed', text(fence), text(now - doubt)}
`);

export const MARK = script(`
local fence, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
if not r or r.reason or not r.phase or r.fence ~= fence or now >= r.till then return {'0'} end
write('phase', 'sent', 'since', text(r.phase == 'sent' and r.since or now), 'till', text(now + lease))
keepOn()
return {'1'}
`);

export const COMMIT = script(`
local gen, ver = tonumber(ARGV[4]), tonumber(ARGV[5])
if not r or r.reason or r.gen ~= gen or r.ver ~= ver then return {'0'} end
fresh(gen, ver + 1, r.fence, ARGV[6])
return {'1'}
`);

export const COOL = script(`
local fence, ms, doubtful = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
if not r or r.reason or not r.phase or r.fence ~= fence then return {'0'} end
local doubt = r.doubt or (doubtful and r.since)
forget('phase', 'since', 'till', 'cool')
if doubt then write('doubt', text(doubt)) end
if ms > 0 then write('cool', text(now + ms)) end
keepOn()
return {'1'}
`);

export const END = script(`
local gen, ver, reason, because, by = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7], ARGV[8]
if not r or r.reason or r.gen ~= gen or (ver and r.ver ~= ver) then return {'no'} end
write('reason', reason, 'because', because, 'by', by)
forget('grant', 'since', 'till', 'doubt', 'cool', 'phase')
keepOn()
changed(r.gen, r.ver)
return {'last', text(r.ver), r.grant}
`);

/** Which tokens are there, for whoever waits for others. */
export const PEEK = script(`
if not r then return {'none'} end
return {r.reason and 'end' or 'tokens', text(r.gen), text(r.ver)}
`);
