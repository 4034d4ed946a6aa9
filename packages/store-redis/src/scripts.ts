import { createHash } from 'node:crypto'

/** A Lua script and the name Redis knows it by once it has run. */
export interface Script {
  readonly source: string
  readonly sha1: string
}

// Numbers go in and come out as text: Lua's are doubles, and it prints only fourteen of their digits.
const nowMs = `
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))`

// KEYS: row, queue. ARGV: key, revision, value, expiresAt, dueAt. A row whose end has passed goes at once.
const put = `${nowMs}
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'value', ARGV[3], 'expiresAt', ARGV[4], 'dueAt', ARGV[5], 'writtenAt', now)
if redis.call('PEXPIREAT', KEYS[1], ARGV[4]) == 1 and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1])
else
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1`

/** Gives a row's fields and its age. A script, not `HMGET`, so that no client sends it to a replica that lags behind. */
export const readScript: Script = script(`
local row = redis.call('HMGET', KEYS[1], 'revision', 'value', 'expiresAt', 'dueAt', 'writtenAt')
if not row[1] then return false end
${nowMs}
row[5] = string.format('%.0f', now - row[5])
return row`)

/** Adds a row where none is; gives whether it did. */
export const insertScript: Script = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
${put}`)

/** Replaces the row that has the revision `ARGV[6]`; gives whether it did. */
export const replaceScript: Script = script(`
if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[6] then return 0 end
${put}`)

/**
 * Gives up to `ARGV[3]` keys of one queue that are due by `ARGV[1]` and begin with `ARGV[2]`, without those that follow.
 * Looks at `ARGV[4]` keys at most.
 */
export const dueScript: Script = script(`
local without = {}
for index = 5, #ARGV do without[ARGV[index]] = true end
local found, offset, page = {}, 0, 500
local limit, most = tonumber(ARGV[3]), tonumber(ARGV[4])
while #found < limit and offset < most do
  local keys = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', offset, page)
  for _, key in ipairs(keys) do
    if #found < limit and not without[key] and string.sub(key, 1, #ARGV[2]) == ARGV[2] then found[#found + 1] = key end
  end
  if #keys < page then break end
  offset = offset + page
end
return found`)

/** Takes keys out of the queue `KEYS[1]` whose rows, the further `KEYS`, are gone; gives the others. `ARGV`: the keys. */
export const pruneScript: Script = script(`
local living = {}
for index, key in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[index + 1]) == 1 then living[#living + 1] = key
  else redis.call('ZREM', KEYS[1], key) end
end
return living`)

/** Walks through a queue: gives the cursor to go on with, and some keys with their scores. `ARGV`: the cursor. */
export const sweepScript: Script = script(`return redis.call('ZSCAN', KEYS[1], ARGV[1], 'COUNT', 500)`)

/**
 * Gives the cursor to go on with, the name of the running server, and some keys of one queue that begin with `ARGV[1]`.
 * `ARGV[2]`: about how many to look at; `ARGV[3]`, `ARGV[4]`: the cursor, and the server it is from.
 *
 * Places in a set are each running server's own: one that was restarted, or took over, begins the queue again.
 */
export const scanScript: Script = script(`
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or 'unknown'
local cursor = server == ARGV[4] and ARGV[3] or '0'
local page = redis.call('ZSCAN', KEYS[1], cursor, 'COUNT', ARGV[2])
local found = {page[1], server}
for index = 1, #page[2], 2 do
  local key = page[2][index]
  if string.sub(key, 1, #ARGV[1]) == ARGV[1] then found[#found + 1] = key end
end
return found`)

/** Gives what the server that holds a key says of itself. Managed servers that refuse `CONFIG` allow this. */
export const infoScript: Script = script(`
return redis.call('INFO', 'server') .. redis.call('INFO', 'memory') .. redis.call('INFO', 'persistence')
  .. redis.call('INFO', 'replication')`)

function script(source: string): Script {
  return { source, sha1: createHash('sha1').update(source).digest('hex') }
}
