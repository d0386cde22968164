// The steps of a shared limit as Lua scripts: the counts and the bucket of tokens are where all workers find them. What
// a closing teaches is worked out by the worker that opens the bucket (decide/shared-limit.ts), and only kept here.
import { GROWTH, TRUST } from '../decide/rate.js';
import { reading, scriptOf } from './steps.js';

/** The one that goes first is waited for so long, ms; then another one tries. */
const TRIAL = 1_000;
/** A reservation is for what the rate allows in so long, ms, and for one call at least. */
const BATCH = 20;

/** Reads the record. ARGV: the channel of news, the worker; then those of the step. */
const RECORD = `${reading(
  [
    ...['epoch', 'closedAt', 'opensAt', 'refusedAt', 'openedAt', 'accepted', 'markedAt', 'shown', 'shownFor'],
    ...['trial', 'perSecond', 'most', 'growth', 'saved', 'at'],
  ],
  ['open', 'marks', 'lesson'],
  'limit',
  'r.epoch and r.closedAt and r.opensAt and r.shown and r.shownFor',
)}
local function keepOn() redis.call('PEXPIRE', KEYS[1], ${TRUST} + math.max(0, math.ceil(r.opensAt - now))) end
local function tell(news) redis.pcall('PUBLISH', ARGV[1], KEYS[1] .. ' ' .. ARGV[2] .. ' ' .. news) end
local function closing() tell('closed ' .. text(r.epoch) .. ' ' .. text(r.opensAt - now)) end
local function standing() return {text(r.epoch), text(math.max(0, r.opensAt - now))} end
local function count(epoch, accepted, forMs)
  if epoch ~= r.epoch or accepted == 0 then return end
  if not r.open and not r.lesson then
    write('shown', text(r.shown + accepted), 'shownFor', text(math.max(r.shownFor, forMs)))
    return
  end
  local before = r.accepted or 0
  r.accepted = before + accepted
  write('accepted', text(r.accepted))
  if not r.open then return end
  if before == 0 then tell('going ' .. text(r.epoch)) end
  if now - (r.markedAt or r.openedAt) >= (now - r.openedAt) / 16 then
    r.markedAt = now
    write('markedAt', text(now), 'marks', (r.marks or '') .. text(now) .. ':' .. text(r.accepted) .. ' ')
  end
  local growth = r.growth or 0
  if now - r.closedAt > ${TRUST} then growth = ${GROWTH.not} end
  if r.perSecond and growth > 0 then
    r.saved = math.min(r.most, r.saved + math.max(0, now - r.at) / 1000 * r.perSecond)
    r.at, r.perSecond = now, r.perSecond + growth * accepted
    write('saved', text(r.saved), 'at', text(r.at), 'perSecond', text(r.perSecond))
  end
end
`;

const script = (step: string) => scriptOf(RECORD + step);

// A first epoch is a moment: one from before the record was lost never passes for a newer one.
export const CLOSE = script(`
local epoch, forMs, accepted, within = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if not r then
  r = {epoch = now, opensAt = now + forMs}
  write('epoch', text(now), 'closedAt', text(now), 'opensAt', text(r.opensAt), 'shown', text(accepted), 'shownFor', text(within))
  closing()
elseif r.open and now >= r.opensAt and (epoch == r.epoch or epoch == 0) then
  count(epoch, accepted, within)
  if not r.lesson then write('shown', text(r.accepted or 0), 'shownFor', text(now - r.openedAt)) end
  r.epoch, r.opensAt = r.epoch + 1, now + forMs
  write('epoch', text(r.epoch), 'refusedAt', text(r.closedAt), 'closedAt', text(now), 'opensAt', text(r.opensAt))
  forget('open', 'trial')
  closing()
else
  count(epoch, accepted, within)
  if epoch == r.epoch or now < r.opensAt then
    local left = math.max(0, r.opensAt - now)
    r.opensAt = math.max(r.opensAt, now + forMs)
    write('opensAt', text(r.opensAt))
    if r.opensAt - now - left > left / 10 then closing() end
  end
end
keepOn()
return standing()
`);

export const REPORT = script(`
if r then
  count(tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]))
  keepOn()
end
return {}
`);

/** Leave for some calls. */
const GRANT = `
local function granted(n, forMs) return {'granted', text(r.epoch), text(n), text(forMs)} end
local function grant(want)
  if not r.perSecond then return granted(want, 0) end
  local saved = math.min(r.most, r.saved + math.max(0, now - r.at) / 1000 * r.perSecond)
  local n = math.min(want, math.floor(saved + 1e-6))
  if n < 1 then n = math.min(want, math.max(1, math.floor(r.perSecond / 1000 * ${BATCH}))) end
  saved = saved - n
  write('saved', text(saved), 'at', text(math.max(now, r.at)))
  return granted(n, saved < 0 and -saved / r.perSecond * 1000 or 0)
end
`;

export const ASK = script(`${GRANT}
local epoch, want, accepted = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if not r then return {'free'} end
count(epoch, accepted, 0)
keepOn()
if now < r.opensAt then return {'closed', unpack(standing())} end
if (r.accepted or 0) == 0 or not r.open then
  if r.trial and now < r.trial then return {'wait', text(r.epoch), text(r.trial - now)} end
  write('trial', text(now + ${TRIAL}))
  if r.open then return grant(1) end
  local tally = {'first', text(r.epoch), text(r.closedAt), text(r.opensAt), text(r.shown), text(r.shownFor)}
  if not r.lesson then return tally end
  for _, each in ipairs({r.lesson, text(r.refusedAt), text(r.openedAt), text(r.accepted or 0), text(r.perSecond), r.marks or ''}) do
    tally[#tally + 1] = each
  end
  return tally
end
return grant(want)
`);

export const REOPEN = script(`${GRANT}
local epoch, lesson, perSecond, most, growth = tonumber(ARGV[3]), ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if not r then return {'free'} end
if r.epoch ~= epoch or r.open or now < r.opensAt then return {'wait', text(r.epoch), '0'} end
forget('marks', 'markedAt', 'perSecond', 'lesson')
write('open', '1', 'openedAt', text(r.opensAt), 'accepted', '0', 'trial', text(now + ${TRIAL}))
r.perSecond = nil
if lesson == '' then return granted(1, 0) end
r.perSecond, r.most, r.saved, r.at = tonumber(perSecond), tonumber(most), tonumber(most), now
write('lesson', lesson, 'perSecond', perSecond, 'most', most, 'growth', growth)
return grant(1)
`);

/** Of one burst, to a server that nobody knows yet: half of what is left for each that comes. ARGV: the burst. */
export const START = scriptOf(`
local left = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
local mine = math.ceil(left / 2)
redis.call('SET', KEYS[1], left - mine, 'PX', 1000)
return {tostring(mine)}
`);
