/** How jobs come to be: their bodies, themselves, and the items of batches. */

/** Seconds that bytes are kept which no job needs yet. */
export const UNNEEDED_SECONDS = 600;

/** They make what waits, and need memory that may not be there. */
export const GROWING = {
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
};

export const KEEPING = {
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
