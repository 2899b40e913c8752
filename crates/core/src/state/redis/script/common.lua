-- What every script begins with: the time by Redis' own clock, and which life of its data this is.
--
-- KEYS[1] is the epoch: its id, the run id of the server that holds it, and when it was born.
-- KEYS[2] is the members with the time each was last heard of. KEYS[3] is those of an earlier
-- life that have not yet told what they know.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local MEMBER_MS = 5000 -- not heard of for so long: gone
local AWAITED_MS = 60000 -- an earlier member is awaited for so long
local SETTLE_MS = 1500 -- data that has just begun may have had members that it does not tell of

local function text(number)
  return string.format('%.0f', number)
end

-- The server's run id; a server that does not tell counts as the same for ever.
local function server()
  local info = redis.pcall('INFO', 'server')
  return type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
end

local run = server()
local epoch = redis.call('HMGET', KEYS[1], 'id', 'run', 'born')
-- Another run of the server may have lost what its disk had not yet been told.
local is_lost = not epoch[1] or epoch[2] ~= run

local function members()
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now - MEMBER_MS))
  return redis.call('ZRANGE', KEYS[2], 0, -1)
end
