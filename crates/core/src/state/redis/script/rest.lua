-- Lets all members know of a rest; of two the later end counts.
--
-- KEYS[4] is all rests with the times at which they end. ARGV: member, channel, scope, milliseconds.
-- Returns: status, now.

local member, channel, scope, span = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local ends = now + span

redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', text(now))
redis.call('ZADD', KEYS[4], 'GT', text(ends), scope)
redis.call('PEXPIREAT', KEYS[4], text(math.max(ends, now + redis.call('PTTL', KEYS[4]))))
redis.call('PUBLISH', channel, 'rest ' .. member .. ' ' .. text(ends) .. ' ' .. scope)
return { 'ok', now }
