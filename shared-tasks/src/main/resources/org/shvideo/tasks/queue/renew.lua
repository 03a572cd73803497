-- Renews a lease and notes the progress, unless the consumer has lost the entry: without that check
-- a worker that stalled would claim back what another has taken over.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the job's hash
-- ARGV     consumer group, consumer, entry, progress from 0 to 1
--
-- Returns 1, or 0 when the consumer does not hold the entry.

local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if held.err or #held == 0 then
  return 0
end

redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'JUSTID')
redis.call('HSET', KEYS[2], 'progress', ARGV[4])
return 1
