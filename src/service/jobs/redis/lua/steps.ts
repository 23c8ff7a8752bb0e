/**
 * Where jobs are in Redis, and the steps that all scripts share.
 *
 *   job:ID            hash, the job (see job-hash)
 *   jobs:OPERATION    sorted set of ids by the order of acceptance; jobs:OPERATION:OWNER the same of one owner
 *   line              sorted set of waiting jobs, by priority and then order; waiting: those that are no items of batches
 *   running           set of jobs that some process runs
 *   deadlines, ended  sorted sets of ids by time
 *   outbox            set of jobs that the queue may not know yet
 *   key:OWNER:KEY     id of the job of an idempotency key
 *   blob:HASH, refs   bytes in parts (see redis-blobs), and how many jobs need them; bytes that nobody needs expire
 *   incoming:UUID     bytes that are being written
 *   batch:ID:live, batch:ID:ended, batch:ID:counts   items that have not ended, those that have in order, how many are in each state
 */
import { PREFIX } from '../connection.ts';

/** Seconds that bytes are kept which no job needs any more: somebody may have just sent the same. */
const RELEASED_SECONDS = 30;

/** Lua, before every script. */
export const STEPS = `
local function key(name) return '${PREFIX}:' .. name end
local function get(id, field) return redis.call('HGET', key('job:' .. id), field) or '' end
local function set(id, ...) redis.call('HSET', key('job:' .. id), ...) end

local function setState(id, state)
  local batch = get(id, 'batch')
  if batch ~= '' then
    local counts = key('batch:' .. batch .. ':counts')
    local before = get(id, 'state')
    if before ~= '' then redis.call('HINCRBY', counts, before, -1) end
    redis.call('HINCRBY', counts, state, 1)
  end
  set(id, 'state', state)
end

local function need(hash)
  redis.call('HINCRBY', key('refs'), hash, 1)
  redis.call('PERSIST', key('blob:' .. hash))
end

local function needNot(hash)
  if hash == '' then return end
  if redis.call('HINCRBY', key('refs'), hash, -1) > 0 then return end
  redis.call('HDEL', key('refs'), hash)
  redis.call('EXPIRE', key('blob:' .. hash), ${RELEASED_SECONDS})
end

local function wait(id)
  local order = (9 - tonumber(get(id, 'priority'))) * 1e12 + tonumber(get(id, 'seq'))
  redis.call('ZADD', key('line'), order, id)
  if get(id, 'batch') == '' then redis.call('SADD', key('waiting'), id) end
  local deadline = get(id, 'deadline')
  if deadline ~= '' then redis.call('ZADD', key('deadlines'), deadline, id) end
end

local function leave(id)
  redis.call('ZREM', key('line'), id)
  redis.call('ZREM', key('deadlines'), id)
  for _, name in ipairs({'waiting', 'running', 'outbox'}) do redis.call('SREM', key(name), id) end
end

local function insert(fields)
  local id = fields.id
  for name, value in pairs(fields) do set(id, name, value) end
  set(id, 'seq', redis.call('INCR', key('seq')), 'attempt', 0, 'losses', 0)
  setState(id, 'queued')
  if fields.batch == '' then
    local seq = get(id, 'seq')
    redis.call('ZADD', key('jobs:' .. fields.operation), seq, id)
    redis.call('ZADD', key('jobs:' .. fields.operation .. ':' .. fields.owner), seq, id)
  end
  need(fields.bodyHash)
  wait(id)
  redis.call('SADD', key('outbox'), id)
end

-- By itself, or with its batch: that was cancelled, or has failed before all of its items were made.
local function isCancelled(id)
  if get(id, 'cancelRequested') == '1' then return true end
  local batch = get(id, 'batch')
  return batch ~= '' and (get(batch, 'cancelRequested') == '1' or get(batch, 'state') == 'failed')
end

local endWithoutItems
local function finish(id, endedAt, planHash, planSize, summary, fault)
  local state = fault == '' and 'done' or 'failed'
  if isCancelled(id) then
    state, fault = 'cancelled', ''
    set(id, 'cancelRequested', '1')
  end
  setState(id, state)
  set(id, 'endedAt', endedAt, 'planHash', planHash, 'planSize', planSize, 'summary', summary, 'fault', fault)
  leave(id)
  needNot(get(id, 'bodyHash'))
  if planHash ~= '' then need(planHash) end
  local batch = get(id, 'batch')
  if batch == '' then
    redis.call('ZADD', key('ended'), endedAt, id)
    return
  end
  set(id, 'endedSeq', redis.call('RPUSH', key('batch:' .. batch .. ':ended'), id))
  redis.call('SREM', key('batch:' .. batch .. ':live'), id)
  endWithoutItems(batch, endedAt)
end

-- A batch whose items are made, and have ended.
endWithoutItems = function(batch, endedAt)
  if get(batch, 'state') ~= 'running' or get(batch, 'itemCount') == '' then return end
  if redis.call('SCARD', key('batch:' .. batch .. ':live')) == 0 then finish(batch, endedAt, '', '', '', '') end
end

local function cancel(id, now)
  local state = get(id, 'state')
  if state ~= 'queued' and state ~= 'running' then return end
  set(id, 'cancelRequested', '1')
  if state == 'queued' then finish(id, now, '', '', '', '') end
end

local function isLatest(id, attempt)
  return get(id, 'state') == 'running' and get(id, 'attempt') == attempt and get(id, 'itemCount') == ''
end

local function forget(id)
  needNot(get(id, 'planHash'))
  local operation, owner = get(id, 'operation'), get(id, 'owner')
  redis.call('ZREM', key('jobs:' .. operation), id)
  redis.call('ZREM', key('jobs:' .. operation .. ':' .. owner), id)
  local idempotencyKey = get(id, 'idempotencyKey')
  if idempotencyKey ~= '' then redis.call('DEL', key('key:' .. owner .. ':' .. idempotencyKey)) end
  redis.call('DEL', key('job:' .. id))
end
`;
