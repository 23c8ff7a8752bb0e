/** Attempts of a job: begun, put back, ended under their number. */
import { LATE, LOST } from '../../job.ts';
import { literal } from './literal.ts';

export const ATTEMPTS = {
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
};
