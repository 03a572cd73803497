-- Settles a delivery as finished.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the job's hash; expires from now on
-- ARGV     consumer group, consumer, entry, ms to keep the hash, result
--
-- Returns 1, or 0 when the consumer does not hold the entry and nothing changed.

local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if held.err or #held == 0 then
  return 0
end

local time = redis.call('TIME')
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], 'state', 'finished', 'progress', 1, 'result', ARGV[5],
  'ended', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HDEL', KEYS[2], 'error')
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1
