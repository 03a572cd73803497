-- Forgets a consumer that holds nothing, and those that died with nothing long ago. One that holds
-- an entry stays: deleting it would delete the entry's lease and so lose the job.
--
-- KEYS[1]  the stream of waiting and started jobs
-- ARGV     consumer group, consumer, ms without a sign of life after which any other goes
--
-- Returns how many were forgotten.

local forgotten = 0
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then -- no group: there is nothing to leave
  return 0
end

for _, list in ipairs(consumers) do
  local consumer = {}
  for i = 1, #list, 2 do
    consumer[list[i]] = list[i + 1]
  end
  local gone = consumer.name == ARGV[2] or consumer.idle > tonumber(ARGV[3])
  if consumer.pending == 0 and gone then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
    forgotten = forgotten + 1
  end
end
return forgotten
