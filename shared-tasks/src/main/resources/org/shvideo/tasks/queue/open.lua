-- Lists jobs that have not ended, in the order in which they are served: those in the stream, then
-- retries by the time they are due.
--
-- KEYS[1]  the stream of waiting and started jobs
-- KEYS[2]  the retry schedule
-- ARGV[1]  how many at most
-- ARGV[2]  what the keys of job hashes begin with
--
-- Returns a list of { entry, the entry's fields, the hash's fields }, fields as a flat list of names
-- and values; the hash is empty for a job pushed by hand that no worker has seen, the entry for a
-- retry.

local most, prefix = tonumber(ARGV[1]), ARGV[2]
local jobs = {}

for _, found in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', most)) do
  local id = found[1]
  for i = 1, #found[2], 2 do
    if found[2][i] == 'id' and found[2][i + 1] ~= '' and readable(found[2][i + 1]) then
      id = found[2][i + 1]
    end
  end
  table.insert(jobs, { found[1], found[2], redis.call('HGETALL', prefix .. id) })
end

if #jobs < most then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, most - #jobs - 1)) do
    table.insert(jobs, { '', {}, redis.call('HGETALL', prefix .. id) })
  end
end

return jobs
