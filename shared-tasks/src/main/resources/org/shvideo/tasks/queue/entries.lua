-- Whether a job in that state must have an entry in the stream.
local function open(state)
  return state == 'queued' or state == 'started'
end

-- Whether an entry is in the stream, or was trimmed while a worker holds it.
local function there(stream, group, entry)
  if redis.call('XRANGE', stream, entry, entry)[1] then
    return true
  end
  local held = redis.pcall('XPENDING', stream, group, entry, entry, 1)
  return not held.err and #held > 0
end

