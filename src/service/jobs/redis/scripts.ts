/**
 * What becomes of jobs, as scripts that Redis runs as a whole: who reads the state of a job and writes the next one is never
 * interrupted.
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
import { LATE, LOST } from '../job.ts';
import { PREFIX } from './connection.ts';

const literal = (value: object): string => `'${JSON.stringify(value)}'`;

/** Seconds that bytes are kept which no job needs yet. */
export const UNNEEDED_SECONDS = 600;
/** Seconds that bytes are kept which no job needs any more: somebody may have just sent the same. */
const RELEASED_SECONDS = 30;

/** Jobs made, cancelled or forgotten in one script: nobody else is answered meanwhile, for some milliseconds. */
export const SLICE = 200;

const PRELUDE = `
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

/** Each returns text or a list of texts. */
export const SCRIPTS = {
  /** ARGV: the draft as JSON, most that may wait. Returns what happened, and the id. */
  egressoSubmit: `
    local draft = cjson.decode(ARGV[1])
    local named = draft.idempotencyKey ~= '' and key('key:' .. draft.owner .. ':' .. draft.idempotencyKey)
    local known = named and redis.call('GET', named)
    if known then
      for _, field in ipairs({'bodyHash', 'bodyType', 'operation'}) do
        if get(known, field) ~= draft[field] then return {'reused', known} end
      end
      return {'known', known}
    end
    if redis.call('SCARD', key('waiting')) >= tonumber(ARGV[2]) then return {'full', ''} end
    if redis.call('EXISTS', key('blob:' .. draft.bodyHash)) == 0 then return {'gone', ''} end
    insert(draft)
    if named then redis.call('SET', named, draft.id) end
    return {'new', draft.id}`,

  /**
   * ARGV: id, now, most times that a process may die while it runs the job, token. Returns whether it is to be run. A
   * process that asks again, because it heard no answer, is not dead.
   */
  egressoClaim: `
    local id, now, token = ARGV[1], ARGV[2], ARGV[4]
    local state = get(id, 'state')
    if (state ~= 'queued' and state ~= 'running') or get(id, 'itemCount') ~= '' then return 'no' end
    if isCancelled(id) then
      finish(id, now, '', '', '', '')
      return 'ended'
    end
    local deadline = tonumber(get(id, 'deadline'))
    if state == 'queued' and deadline and deadline <= tonumber(now) then
      finish(id, now, '', '', '', ${literal(LATE)})
      return 'ended'
    end
    local isLost = state == 'running' and get(id, 'holder') ~= token
    if isLost and redis.call('HINCRBY', key('job:' .. id), 'losses', 1) >= tonumber(ARGV[3]) then
      finish(id, now, '', '', '', ${literal(LOST)})
      return 'ended'
    end
    redis.call('HINCRBY', key('job:' .. id), 'attempt', 1)
    setState(id, 'running')
    set(id, 'startedAt', now, 'holder', token)
    leave(id)
    redis.call('SADD', key('running'), id)
    return 'yes'`,

  /** ARGV: id, attempt that was superseded though its process lives. */
  egressoSurvived: `
    local id = ARGV[1]
    local isNext = tonumber(get(id, 'attempt')) == tonumber(ARGV[2]) + 1
    if isNext and tonumber(get(id, 'losses')) > 0 then redis.call('HINCRBY', key('job:' .. id), 'losses', -1) end
    return 'yes'`,

  /** ARGV: id, attempt. */
  egressoRelease: `
    local id = ARGV[1]
    if not isLatest(id, ARGV[2]) then return 'no' end
    redis.call('SREM', key('running'), id)
    setState(id, 'queued')
    wait(id)
    return 'yes'`,

  /** ARGV: id, attempt, endedAt, planHash, planSize, summary, fault. */
  egressoFinish: `
    if not isLatest(ARGV[1], ARGV[2]) then return 'no' end
    finish(ARGV[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
    return 'yes'`,

  /**
   * ARGV: id, attempt, now, drafts of some items as a JSON list, how many there will be. Makes those whose turn it is, and
   * returns how many there are: what was made by an attempt before, or by a script whose answer was lost, is not made again.
   */
  egressoSplit: `
    local id, now = ARGV[1], ARGV[3]
    if not isLatest(id, ARGV[2]) then return 'no' end
    local live = key('batch:' .. id .. ':live')
    local made = redis.call('SCARD', live) + redis.call('LLEN', key('batch:' .. id .. ':ended'))
    for _, draft in ipairs(cjson.decode(ARGV[4])) do
      if tonumber(draft.item) == made then
        redis.call('SADD', live, draft.id)
        insert(draft)
        if isCancelled(draft.id) then cancel(draft.id, now) end
        made = made + 1
      end
    end
    if made == tonumber(ARGV[5]) then
      set(id, 'itemCount', made)
      redis.call('SREM', key('running'), id)
      endWithoutItems(id, now)
    end
    return tostring(made)`,

  /** ARGV: now, ids. Items of a batch are no part of it: none begins once their batch is cancelled. */
  egressoCancel: `
    for i = 2, #ARGV do cancel(ARGV[i], ARGV[1]) end
    return 'yes'`,

  /** ARGV: now. Returns the ids of some jobs that have ended. */
  egressoFailOverdue: `
    local ids = redis.call('ZRANGEBYSCORE', key('deadlines'), '-inf', ARGV[1], 'LIMIT', 0, 100)
    for _, id in ipairs(ids) do finish(id, ARGV[1], '', '', '', ${literal(LATE)}) end
    return ids`,

  /**
   * ARGV: time. Forgets some jobs that ended before it, a batch after its items; returns their ids. Items that have not
   * ended, for their batch did before they were all made, end now.
   */
  egressoRemoveEnded: `
    local forgotten = {}
    while #forgotten < ${SLICE} do
      local id = redis.call('ZRANGEBYSCORE', key('ended'), '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1)[1]
      if not id then break end
      for _, item in ipairs(redis.call('SRANDMEMBER', key('batch:' .. id .. ':live'), ${SLICE})) do
        finish(item, ARGV[1], '', '', '', '')
      end
      local items = redis.call('LPOP', key('batch:' .. id .. ':ended'), ${SLICE})
      if items then
        for _, item in ipairs(items) do
          forget(item)
          table.insert(forgotten, item)
        end
      else
        redis.call('DEL', key('batch:' .. id .. ':counts'))
        forget(id)
        redis.call('ZREM', key('ended'), id)
        table.insert(forgotten, id)
      end
    end
    return forgotten`,

  /** ARGV: key of bytes that were written, their hash, their size. They are kept under their hash. */
  egressoKeep: `
    local incoming, blob = ARGV[1], key('blob:' .. ARGV[2])
    if redis.call('EXISTS', blob) == 1 then
      redis.call('DEL', incoming)
    else
      redis.call('HSET', incoming, 'size', ARGV[3])
      redis.call('RENAME', incoming, blob)
    end
    if redis.call('HEXISTS', key('refs'), ARGV[2]) == 1 then
      redis.call('PERSIST', blob)
    else
      redis.call('EXPIRE', blob, ${UNNEEDED_SECONDS})
    end
    return 'yes'`,
};

export type ScriptName = keyof typeof SCRIPTS;

/** They make what waits: memory that is not there. All others give memory back, and go on where Redis is full. */
const GROWING: readonly ScriptName[] = ['egressoSubmit', 'egressoSplit'];

export function scriptText(name: ScriptName): string {
  const flags = GROWING.includes(name) ? '' : '#!lua flags=allow-oom';
  return `${flags}\n${PRELUDE}\n${SCRIPTS[name]}`;
}
