-- Whether a client's id is UTF-8. One that is not would come back from those who read it as text as
-- another one, which no later script would find.
local function readable(id)
  local rest = string.gsub(id, '[\194-\223][\128-\191]', ' ')
  rest = string.gsub(rest, '\224[\160-\191][\128-\191]', ' ')
  rest = string.gsub(rest, '\237[\128-\159][\128-\191]', ' ')
  rest = string.gsub(rest, '[\225-\236\238\239][\128-\191][\128-\191]', ' ')
  rest = string.gsub(rest, '\240[\144-\191][\128-\191][\128-\191]', ' ')
  rest = string.gsub(rest, '[\241-\243][\128-\191][\128-\191][\128-\191]', ' ')
  rest = string.gsub(rest, '\244[\128-\143][\128-\191][\128-\191]', ' ')
  return not string.find(rest, '[\128-\255]')
end

