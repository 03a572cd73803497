-- Lists some jobs that have not ended: a page of the stream, or those of the given ids.
--
-- KEYS[1]  the stream of waiting and started jobs
-- ARGV     what the keys of job hashes begin with, the first entry as of XRANGE, how many, ids
--
-- Returns a list of { entry, the entry's fields, the hash's fields }, fields as a flat list of names
-- and values; the hash is empty for a job pushed by hand that no worker has seen, the entry for a
-- job of a given id.

local prefix, jobs = ARGV[1], {}

for i = 4, #ARGV do
  table.insert(jobs, { '', {}, redis.call('HGETALL', prefix .. ARGV[i]) })
end
if #ARGV > 3 then
  return jobs
end

for _, found in ipairs(redis.call('XRANGE', KEYS[1], ARGV[2], '+', 'COUNT', ARGV[3])) do
  local id = found[1]
  for i = 1, #found[2], 2 do
    if found[2][i] == 'id' and found[2][i + 1] ~= '' and readable(found[2][i + 1]) then
      id = found[2][i + 1]
    end
  end
  table.insert(jobs, { found[1], found[2], redis.call('HGETALL', prefix .. id) })
end

return jobs
