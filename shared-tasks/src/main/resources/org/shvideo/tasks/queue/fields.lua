-- A value of a job from any client, cut to what fits any path; a longer one names no file. Keeps
-- workers and logs from values of megabytes.
local function bounded(value)
  return string.sub(value or '', 1, 4096)
end

