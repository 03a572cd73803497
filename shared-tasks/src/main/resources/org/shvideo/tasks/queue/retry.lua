-- Settles a delivery as failed for now and schedules the next attempt.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the job's hash
-- KEYS[3]  the retry schedule: job ids by the time they are due, in ms
-- ARGV     consumer group, consumer, entry, job id, error, delay in ms, 1 when the attempt counts or 0
--
-- Returns 1, or 0 when the consumer does not hold the entry and nothing changed.

local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if held.err or #held == 0 then
  return 0
end

-- Only the hash tells what the job is until its next attempt.
local function restore()
  local found = redis.call('XRANGE', KEYS[1], ARGV[3], ARGV[3])[1]
  redis.call('HSET', KEYS[2], 'id', ARGV[4], 'filename', '')
  for i = 1, found and #found[2] or 0, 2 do
    local name = found[2][i]
    if name == 'filename' or name == 'camera' or name == 'recorded_at' then
      redis.call('HSET', KEYS[2], name, bounded(found[2][i + 1]))
    end
  end
end

local time = redis.call('TIME')
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
if redis.call('HEXISTS', KEYS[2], 'filename') == 0 then -- somebody deleted the hash
  restore()
end
redis.call('XDEL', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], 'state', 'retrying', 'error', ARGV[5])
if ARGV[7] == '0' then
  redis.call('HINCRBY', KEYS[2], 'attempt', -1)
end
redis.call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[6], ARGV[4])
return 1
