-- Adds a job unless its id is known.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the job's hash
-- ARGV     id, filename, camera, recorded_at; an unknown value is empty
--
-- Returns 1 when the job was added, 0 when it was there already.

if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end

local job = { 'id', ARGV[1], 'filename', bounded(ARGV[2]), 'camera', bounded(ARGV[3]),
  'recorded_at', bounded(ARGV[4]) }
local entry = redis.call('XADD', KEYS[1], '*', unpack(job))
redis.call('HSET', KEYS[2], 'state', 'queued', 'attempt', 0, 'entry', entry,
  'enqueued', string.match(entry, '^%d+'), unpack(job))
return 1
