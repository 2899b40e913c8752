-- A member joins, and tells what it knows of the windows that it has used: of each window the
-- latest knowledge counts.
--
-- KEYS[4] and on are windows. ARGV: member, the epoch it knows or '', an id for a new epoch, the
-- channel, how many other members it knows, their ids, and for each window its end, `v`, `g`, and
-- what the member has been granted.
-- Returns: epoch, now, the members, 1 if this member's knowledge counted.

local member, known, new, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local peers = tonumber(ARGV[5])
local KEEP_MS = 60000

if is_lost then
  -- Whoever the data tells of may know more than the data, however long ago it was last heard of:
  -- nobody could be while the server was down.
  for _, before in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
    redis.call('ZADD', KEYS[3], text(now), before)
  end
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'id', new, 'run', run, 'born', text(now))
  epoch[1] = new
  redis.call('PUBLISH', channel, 'epoch ' .. member .. ' ' .. new)
end

local counts = known ~= '' and known ~= epoch[1]
if counts then
  for index = 1, peers do
    local peer = ARGV[5 + index]
    -- Who is there already has told.
    if not redis.call('ZSCORE', KEYS[2], peer) then
      redis.call('ZADD', KEYS[3], 'NX', text(now), peer)
    end
  end
end
for index = 4, #KEYS do
  local at = 5 + peers + (index - 4) * 4
  local ends, version = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local granted, mine = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  if now < ends then
    local present = tonumber(redis.call('HGET', KEYS[index], 'v') or 0)
    local account = tonumber(redis.call('HGET', KEYS[index], 'm:' .. member) or 0)
    if present < version then
      redis.call('HSET', KEYS[index], 'g', text(granted), 'v', text(version))
    end
    -- What it was granted and has not heard of stays booked: it is told when it asks.
    if present < version or account < mine then
      redis.call('HSET', KEYS[index], 'm:' .. member, text(mine))
    end
    -- Never less than its members together have been granted.
    local all, sum = redis.call('HGETALL', KEYS[index]), 0
    local total = 0
    for field = 1, #all, 2 do
      if string.sub(all[field], 1, 2) == 'm:' then sum = sum + tonumber(all[field + 1]) end
      if all[field] == 'g' then total = tonumber(all[field + 1]) end
    end
    if total < sum then redis.call('HSET', KEYS[index], 'g', text(sum)) end
    redis.call('PEXPIREAT', KEYS[index], text(ends + KEEP_MS))
  end
end
redis.call('ZREM', KEYS[3], member)
redis.call('ZADD', KEYS[2], text(now), member)
return { epoch[1], now, members(), counts and 1 or 0 }
