-- Ends the leases of a consumer that has died: what it held is taken by the next that asks, and counts
-- as another attempt.
--
-- KEYS[1]  the stream of waiting and started jobs
-- ARGV     consumer group, consumer, lease in ms
--
-- Returns how many entries it held.

local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 100, ARGV[2])
if held.err then -- no group: nobody has taken anything
  return 0
end

for _, entry in ipairs(held) do
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1], 'IDLE', ARGV[3], 'JUSTID')
end
return #held
