-- Gives one job to a consumer and counts the attempt: a job whose lease ran out, or else the oldest
-- that waits. Retries that are due join those that wait first.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the retry schedule: job ids by the time they are due, in ms
-- ARGV[1]  consumer group; made here where it is missing, from the stream's start
-- ARGV[2]  consumer
-- ARGV[3]  lease in ms
-- ARGV[4]  what the keys of job hashes begin with: the id is known only once an entry is read
-- ARGV[5]  1 when the consumer was not answered last time: what it holds, it may not know of
--
-- Returns { entry, attempt, id, filename, camera, recorded_at } or, when there is no job now,
-- { ms until the next retry is due or -1, id of the stream's last entry }. Unknown values are empty.

local stream, retries = KEYS[1], KEYS[2]
local group, consumer, lease, prefix = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local unanswered = ARGV[5] == '1'

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function fields(list)
  local map = {}
  for i = 1, #list, 2 do
    map[list[i]] = list[i + 1]
  end
  return map
end

local function promote()
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', retries, '-inf', now, 'LIMIT', 0, 100)) do
    redis.call('ZREM', retries, id)
    local key = prefix .. id
    local job = fields(redis.call('HGETALL', key))
    if job.state == 'retrying' then
      local entry = redis.call('XADD', stream, '*', 'id', id, 'filename', job.filename or '',
        'camera', job.camera or '', 'recorded_at', job.recorded_at or '')
      redis.call('HSET', key, 'state', 'queued', 'entry', entry)
    end
  end
end

local function join()
  local pending = redis.pcall('XPENDING', stream, group)
  if pending.err and string.find(pending.err, 'NOGROUP', 1, true) then
    -- A full Redis refuses what takes memory, but not to a script that has begun to write.
    redis.call('ZREM', retries, '')
    redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  end
end

-- What the consumer holds already, its lease renewed.
local function held()
  local entry = redis.call('XPENDING', stream, group, '-', '+', 1, consumer)[1]
  if not entry then
    return nil
  end
  redis.call('XCLAIM', stream, group, consumer, 0, entry[1], 'JUSTID')
  return entry[1]
end

-- JUSTID, because with whole entries Redis 6.2 answers nil for one that was deleted, and 7 leaves
-- it out.
local function expired()
  local cursor, entry = '0-0', nil
  repeat
    local reply = redis.call('XAUTOCLAIM', stream, group, consumer, lease, cursor,
      'COUNT', 1, 'JUSTID')
    cursor, entry = reply[1], reply[2][1]
  until entry or cursor == '0-0'
  return entry
end

local function waiting()
  local reply = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1,
    'STREAMS', stream, '>')
  return reply and reply[1][2][1][1]
end

-- What was delivered once and is held by nobody, because its consumer was deleted or a replica that
-- did not know of it became the primary. Settled entries are gone, so hardly more are looked at than
-- there are workers.
local function orphaned()
  for _, list in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local info = fields(list)
    if info.name == group then
      local delivered = redis.call('XRANGE', stream, '-', info['last-delivered-id'],
        'COUNT', info.pending + 1)
      for _, entry in ipairs(#delivered > info.pending and delivered or {}) do
        if #redis.call('XPENDING', stream, group, entry[1], entry[1], 1) == 0 then
          redis.call('XCLAIM', stream, group, consumer, 0, entry[1], 'FORCE', 'JUSTID')
          return entry[1]
        end
      end
    end
  end
  return nil
end

-- Nil for what is no job: a deleted entry, or a second one of a job that has another or has ended.
local function deliver(entry, attempts)
  local found = redis.call('XRANGE', stream, entry, entry)[1]
  local message = found and fields(found[2]) or {}
  local id = message.id
  if not id or id == '' or #id > 200 or not readable(id) then
    id = entry
  end
  local key = prefix .. id
  local known, state = unpack(redis.call('HMGET', key, 'entry', 'state'))
  if found and known and known ~= entry and open(state) and not there(stream, group, known) then
    redis.call('HSET', key, 'entry', entry) -- the job's own was trimmed
    known = entry
  end
  if not found or (known and known ~= entry) then
    redis.call('XACK', stream, group, entry)
    redis.call('XDEL', stream, entry)
    return nil
  end
  if not known then -- pushed by hand
    redis.call('HSET', key, 'id', id, 'filename', bounded(message.filename),
      'camera', bounded(message.camera), 'recorded_at', bounded(message.recorded_at),
      'entry', entry, 'enqueued', string.match(entry, '^%d+'))
  end
  redis.call('HSET', key, 'state', 'started', 'worker', consumer, 'started', now, 'progress', 0)
  local attempt = redis.call('HINCRBY', key, 'attempt', attempts)
  local job = redis.call('HMGET', key, 'filename', 'camera', 'recorded_at')
  return { entry, attempt, id, job[1], job[2], job[3] }
end

promote()
join()
-- An attempt that was counted for an answer that got lost is not counted again.
local again = unanswered and held()
local delivery = again and deliver(again, 0)
if delivery then
  return delivery
end

local entry = expired() or orphaned() or waiting()
while entry do
  delivery = deliver(entry, 1)
  if delivery then
    return delivery
  end
  entry = expired() or orphaned() or waiting()
end

local next = redis.call('ZRANGE', retries, 0, 0, 'WITHSCORES')[2]
return {
  next and math.max(0, math.floor(next - now)) or -1,
  fields(redis.call('XINFO', 'STREAM', stream))['last-generated-id'],
}
