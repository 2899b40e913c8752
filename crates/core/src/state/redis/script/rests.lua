-- Tells the rests that have not ended.
--
-- KEYS[4] is all rests.
-- Returns: status, now, scopes and the milliseconds each has left, in turn.

local left = {}
local all = redis.call('ZRANGEBYSCORE', KEYS[4], '(' .. text(now), '+inf', 'WITHSCORES')
for index = 1, #all, 2 do
  left[index] = all[index]
  left[index + 1] = text(tonumber(all[index + 1]) - now)
end
return { 'ok', now, left }
