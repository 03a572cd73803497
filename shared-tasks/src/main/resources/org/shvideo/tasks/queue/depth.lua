-- Counts jobs, all at one moment.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the retry schedule
-- KEYS[3]  the stream of dead letters
-- ARGV[1]  consumer group
--
-- Returns { waiting, started, retrying, dead }.

local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1]) -- an error before the first worker came
local started = pending.err and 0 or pending[1]
return {
  math.max(0, redis.call('XLEN', KEYS[1]) - started),
  started,
  redis.call('ZCARD', KEYS[2]),
  redis.call('XLEN', KEYS[3]),
}
