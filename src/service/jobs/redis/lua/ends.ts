/** How jobs end that nobody runs, and how they are forgotten. */
import { LATE } from '../../job.ts';
import { literal } from './literal.ts';

/** Jobs made, cancelled or forgotten in one script: nobody else is answered meanwhile, for some milliseconds. */
export const SLICE = 200;

export const ENDS = {
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
};
