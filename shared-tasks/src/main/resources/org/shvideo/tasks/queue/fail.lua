-- Settles a delivery as failed for good and adds the job to the dead letters.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the job's hash; expires from now on
-- KEYS[3]  the stream of dead letters; the oldest go when it holds about 10 000
-- ARGV     consumer group, consumer, entry, ms to keep the hash, result, error
--
-- Returns 1, or 0 when the consumer does not hold the entry and nothing changed.

local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if held.err or #held == 0 then
  return 0
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], 'state', 'failed', 'result', ARGV[5], 'error', ARGV[6], 'ended', now)
redis.call('PEXPIRE', KEYS[2], ARGV[4])

local letter = { 'time', now, 'error', ARGV[6] }
for _, field in ipairs({ 'id', 'filename', 'camera', 'recorded_at', 'attempt' }) do
  table.insert(letter, field)
  table.insert(letter, redis.call('HGET', KEYS[2], field) or '')
end
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', unpack(letter))
return 1
