-- Settles one counter's account with a member: what it gives back, what it needs.
--
-- KEYS[4] is the window: `g` granted in all, `v` the number of its last change, `want` when a
-- member last went without, and which, and `m:` with a member's id what that one was granted.
-- ARGV: member, epoch, channel, counter, start, end, limit, mine, seen, give, first, need, ahead.
--
-- `mine` is what the member knows to have been granted. If the account says more, a reply was lost
-- and the difference is granted now; if it says less, the member has spent on its own.
-- Returns: status, now, granted, g, v.

local member, id, channel, counter = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local starts, ends, limit = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local mine, seen, give = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local first, need, ahead = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local AHEAD_MS = 2000 -- a window may be granted from so long before it begins
local WANT_MS = 1000 -- who went without is looked after for so long
local KEEP_MS = 60000 -- what is known of a window outlasts it

if is_lost or epoch[1] ~= id then return { 'lost', now, 0, 0, 0 } end
if now >= ends or starts > now + AHEAD_MS then return { 'window', now, 0, 0, 0 } end

local window = redis.call('HMGET', KEYS[4], 'g', 'v', 'want', 'm:' .. member)
local granted, version = tonumber(window[1] or 0), tonumber(window[2] or 0)
local account = tonumber(window[4] or 0)
if version < seen then return { 'forgotten', now, 0, 0, 0 } end

redis.call('ZADD', KEYS[2], text(now), member)
local count = #members()

local more = account - mine
if more < 0 then
  granted, more = granted - more, 0
end
give = math.min(give, mine)
granted = granted - give

local left = limit - granted
-- What may have been granted of it in an earlier life of the data is not known yet.
if starts < tonumber(epoch[3]) + AHEAD_MS then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', text(now - AWAITED_MS))
  local settles = now < tonumber(epoch[3]) + SETTLE_MS
  if settles or redis.call('ZCARD', KEYS[3]) > 0 then left = 0 end
end

local new = 0
if need > more and left >= math.max(1, first - more) then new = math.min(left, need - more) end
local lacks = need > more + new
local since, by = string.match(window[3] or '', '^(%d+) (.*)$')
local is_wanted = since and tonumber(since) > now - WANT_MS and by ~= member
if not lacks and not is_wanted then
  -- Ahead of need nobody is granted more than a fair share of what is left.
  local spare = math.floor((left - new) / math.max(count, 1))
  new = new + math.max(0, math.min(spare, need + ahead - more - new))
end

if lacks then
  redis.call('HSET', KEYS[4], 'want', text(now) .. ' ' .. member)
  redis.call('PUBLISH', channel, 'want ' .. member .. ' ' .. counter)
elseif by == member then
  redis.call('HDEL', KEYS[4], 'want')
end
if new ~= 0 or give ~= 0 or mine + more ~= account then
  version = version + 1
  redis.call('HSET', KEYS[4], 'g', text(granted + new), 'v', text(version),
    'm:' .. member, text(mine - give + more + new))
end
if give > 0 and is_wanted then
  redis.call('PUBLISH', channel, 'free ' .. member .. ' ' .. counter)
end
redis.call('PEXPIREAT', KEYS[4], text(ends + KEEP_MS))
return { 'ok', now, more + new, granted + new, version }
