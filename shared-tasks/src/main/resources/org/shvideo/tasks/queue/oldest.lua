-- Tells how long the job has waited that is taken next. A retry waits anew when it is due.
--
-- KEYS[1]  the stream of waiting and started jobs
-- ARGV[1]  consumer group
--
-- Returns ms, or -1 when none waits.

local from = '-'
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1]) -- an error before the first job came
if groups.err then
  return -1
end
for _, list in ipairs(groups) do
  local group = {}
  for i = 1, #list, 2 do
    group[list[i]] = list[i + 1]
  end
  if group.name == ARGV[1] then
    from = '(' .. group['last-delivered-id']
  end
end

local first = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 1)[1]
if not first then
  return -1
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return math.max(0, now - tonumber(string.match(first[1], '^%d+')))
