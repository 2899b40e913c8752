-- A member says that it is there.
--
-- ARGV: member, epoch.
-- Returns: status, now, the members with those who are awaited.

if is_lost or epoch[1] ~= ARGV[2] then return { 'lost', now, {} } end
redis.call('ZADD', KEYS[2], text(now), ARGV[1])
return { 'ok', now, all() }
