-- A member leaves. What it held it has given back before.
--
-- ARGV: member.
-- Returns: status, now.

redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return { 'ok', now }
