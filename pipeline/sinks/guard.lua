-- Writes the batches of several homes, but for those that a later owner, or a later batch of this one, has written.
-- KEYS: for each home its sentinel, then the keys that its operations refer to by number (the sentinel is 1).
-- ARGV: generation, epoch, turn; then for each home, as msgpack: how many keys it has, published ('' leaves it as it
-- is), seconds the sentinel lives, the operations, each a list of its command, the number of its key, and its
-- arguments, and the mark of a sentinel that may be written over though it names a later owner ('' for none). (One
-- argument a home, because a client spends more on each than the server does on all of them.)
-- Returns the homes that were not written: number, then the sentinel's mark, generation, epoch and turn.
-- The turn stops a batch that timed out at the client and reaches the server after its successor.
local function is_later(held)
  for i = 1, 3 do
    local theirs, ours = tonumber(held[i]), tonumber(ARGV[i])
    if theirs ~= ours then
      return not theirs or theirs > ours
    end
  end
  return false
end

local function mark_of(held)
  return redis.sha1hex(tostring(held[1]) .. ' ' .. tostring(held[2]) .. ' ' .. tostring(held[3]))
end

local refused = {}
local first = 1
for i = 4, #ARGV do
  local count, published, lives_seconds, operations, seen = unpack(cmsgpack.unpack(ARGV[i]))
  local sentinel = KEYS[first]
  local held = redis.call('HMGET', sentinel, 'generation', 'epoch', 'turn', 'published')
  if held[1] and is_later(held) and mark_of(held) ~= seen then
    refused[#refused + 1] = {i - 3, mark_of(held), held[1], held[2], held[3]}
  else
    for _, operation in ipairs(operations) do
      redis.call(operation[1], KEYS[first + operation[2] - 1], unpack(operation, 3))
    end
    -- Without a sentinel the home's keys were lost, or never written: a batch of changes does not make them whole again,
    -- so published stays -1 until somebody has set it to -2 (everything is on its way) and then to where everything was
    -- written.
    local before = held[4] or '-1'
    if published == '' or (before == '-1' and tonumber(published) >= 0) then
      published = before
    end
    redis.call('HSET', sentinel, 'generation', ARGV[1], 'epoch', ARGV[2], 'turn', ARGV[3], 'published', published)
    redis.call('EXPIRE', sentinel, lives_seconds)
  end
  first = first + count
end
return refused
