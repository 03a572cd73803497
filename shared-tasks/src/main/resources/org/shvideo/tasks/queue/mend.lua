-- Looks at some jobs' hashes, and queues each open job again whose entry in the stream, or in the retry
-- schedule, is gone: trimmed or deleted by somebody. It keeps its id and its attempts.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the retry schedule: job ids by the time they are due, in ms
-- ARGV     consumer group, what the keys of job hashes begin with, the cursor of SCAN, how many keys to
--          look at, ms to keep the hash of a job that has ended
--
-- Returns { the next cursor, how many jobs were queued again }.

local stream, retries = KEYS[1], KEYS[2]
local group, prefix, ttl = ARGV[1], ARGV[2], ARGV[5]

local function mend(key)
  local job = redis.call('HMGET', key, 'state', 'entry', 'id', 'filename', 'camera', 'recorded_at')
  local state, entry, id = job[1], job[2], job[3]
  if state == 'retrying' and id then
    if redis.call('ZSCORE', retries, id) then
      return 0
    end
    redis.call('ZADD', retries, 0, id)
    return 1
  end
  if not (open(state) and entry and id) then
    if redis.call('PTTL', key) == -1 then -- settled, or a rest of a hash that somebody deleted
      redis.call('PEXPIRE', key, ttl)
    end
    return 0
  end
  if there(stream, group, entry) then
    return 0
  end
  local new = redis.call('XADD', stream, '*', 'id', id, 'filename', job[4] or '',
    'camera', job[5] or '', 'recorded_at', job[6] or '')
  redis.call('HSET', key, 'state', 'queued', 'entry', new)
  return 1
end

redis.call('ZREM', retries, '') -- a full Redis refuses what takes memory only before the first write
local pattern = string.gsub(prefix, '[%*%?%[%]\\]', '\\%0') .. '*'
local found = redis.call('SCAN', ARGV[3], 'MATCH', pattern, 'COUNT', ARGV[4], 'TYPE', 'hash')
local mended = 0
for _, key in ipairs(found[2]) do
  mended = mended + mend(key)
end
return { found[1], mended }
