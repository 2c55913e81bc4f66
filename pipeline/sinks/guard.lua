-- Writes one home's batch, unless a later owner, or a later batch of this one, has been here.
-- KEYS: 1 the sentinel; the others are what the operations refer to by number.
-- ARGV: generation, epoch, turn, published ('' leaves it as it is), seconds the sentinel lives; then the operations
-- as msgpack, each a list of its command, the number of its key, and its arguments. (One argument, because a client
-- spends more on each than the server does on all of them.)
-- Returns whether it was written, then generation, epoch, turn and published as the sentinel had them ('' for none).
-- The turn stops a batch that timed out at the client and reaches the server after its successor.
local held = redis.call('HMGET', KEYS[1], 'generation', 'epoch', 'turn', 'published')
for i = 1, 4 do
  held[i] = held[i] or ''
end
if held[1] ~= '' then
  for i = 1, 3 do
    local theirs, ours = tonumber(held[i]), tonumber(ARGV[i])
    if theirs > ours then
      return {0, held[1], held[2], held[3], held[4]}
    elseif theirs < ours then
      break
    end
  end
end
for _, operation in ipairs(cmsgpack.unpack(ARGV[6])) do
  redis.call(operation[1], KEYS[operation[2]], unpack(operation, 3))
end
-- Without a sentinel the home's keys were lost, or never written: a batch of changes does not make them whole again, so
-- published stays -1 until somebody has set it to -2 (everything is on its way) and then to where everything was written.
local published = ARGV[4]
local before = held[4] ~= '' and held[4] or '-1'
if published == '' or (before == '-1' and tonumber(published) >= 0) then
  published = before
end
redis.call('HSET', KEYS[1], 'generation', ARGV[1], 'epoch', ARGV[2], 'turn', ARGV[3], 'published', published)
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {1, held[1], held[2], held[3], held[4]}
