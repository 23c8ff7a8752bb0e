/** The database of jobs: its tables, and how it is opened. */
import { DatabaseSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';

const VERSION = 2;
/** For a process that is about to end. */
const LOCK_WAIT_MS = 2000;

/**
 * `seq` is the order of acceptance; `line`, where it is set, the place in line instead; `endedSeq` the order in which the
 * items of a batch ended. Flags are 0 or 1, times milliseconds since 1970.
 */
const TABLE = `
  CREATE TABLE job (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    line INTEGER,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    operation TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    deadline INTEGER,
    createdAt INTEGER NOT NULL,
    startedAt INTEGER,
    endedAt INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    cancelRequested INTEGER NOT NULL DEFAULT 0,
    bodyHash TEXT NOT NULL,
    bodySize INTEGER NOT NULL,
    bodyType TEXT NOT NULL,
    planHash TEXT,
    planSize INTEGER,
    summary TEXT,
    fault TEXT,
    idempotencyKey TEXT,
    batch TEXT,
    item INTEGER,
    name TEXT,
    itemCount INTEGER,
    endedSeq INTEGER
  ) STRICT;
`;

/** Of version 1, in the place of which others are now. */
const OLD_INDEXES = ['itemLive', 'itemByEnd', 'jobByOwner', 'jobByEnd'];
const INDEXES = `
  ${OLD_INDEXES.map((name) => `DROP INDEX IF EXISTS ${name};`).join('\n')}
  CREATE UNIQUE INDEX IF NOT EXISTS jobByKey ON job (owner, idempotencyKey) WHERE idempotencyKey IS NOT NULL;
  CREATE INDEX IF NOT EXISTS jobInLine ON job (priority DESC, coalesce(line, seq), seq) WHERE state = 'queued';
  CREATE INDEX IF NOT EXISTS jobByDeadline ON job (deadline) WHERE state = 'queued' AND deadline IS NOT NULL;
  CREATE INDEX IF NOT EXISTS jobLive ON job (bodyHash) WHERE state IN ('queued', 'running');
  CREATE INDEX IF NOT EXISTS jobByPlan ON job (planHash) WHERE planHash IS NOT NULL;
  CREATE INDEX IF NOT EXISTS jobEnded ON job (endedAt) WHERE endedAt IS NOT NULL AND batch IS NULL;
  CREATE INDEX IF NOT EXISTS listed ON job (operation, seq) WHERE batch IS NULL;
  CREATE INDEX IF NOT EXISTS listedByState ON job (operation, state, seq) WHERE batch IS NULL;
  CREATE INDEX IF NOT EXISTS listedByOwner ON job (operation, owner, seq) WHERE batch IS NULL;
  CREATE INDEX IF NOT EXISTS listedByOwnerState ON job (operation, owner, state, seq) WHERE batch IS NULL;
  CREATE INDEX IF NOT EXISTS itemQueued ON job (batch, seq) WHERE state = 'queued' AND batch IS NOT NULL;
  CREATE INDEX IF NOT EXISTS itemRunning ON job (batch) WHERE state = 'running' AND batch IS NOT NULL;
  CREATE INDEX IF NOT EXISTS itemEnded ON job (batch, endedSeq) WHERE batch IS NOT NULL;
  CREATE INDEX IF NOT EXISTS jobRunning ON job (operation) WHERE state = 'running';
`;

/** Equal bytes, which are kept once, count as often as they are needed, but for those of a batch and its items. */
const usedOf = (
  row: string,
): string => `CASE WHEN ${row}.state NOT IN ('queued', 'running') THEN coalesce(${row}.planSize, 0)
  WHEN ${row}.batch IS NULL THEN ${row}.bodySize ELSE 0 END`;
const isWaiting = (row: string): string => `(${row}.state = 'queued' AND ${row}.batch IS NULL)`;
const isWaitingItem = (row: string): string => `(${row}.state = 'queued' AND ${row}.batch IS NOT NULL)`;
const addTo = (sign: '+' | '-', row: string): string => `UPDATE total SET used = used ${sign} (${usedOf(row)}),
  waiting = waiting ${sign} ${isWaiting(row)}, waitingItems = waitingItems ${sign} ${isWaitingItem(row)};`;
const countItem = (row: string, by: number): string => `INSERT INTO itemCount VALUES (${row}.batch, ${row}.state, ${by})
  ON CONFLICT DO UPDATE SET count = count + ${by};`;

/** Totals that the transactions carry on: to count all rows would keep everybody waiting. */
const TOTALS = `
  CREATE TABLE total (
    used INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    waitingItems INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE itemCount (
    batch TEXT NOT NULL,
    state TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (batch, state)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO total SELECT coalesce(sum(${usedOf('job')}), 0), coalesce(sum(${isWaiting('job')}), 0),
    coalesce(sum(${isWaitingItem('job')}), 0) FROM job;
  INSERT INTO itemCount SELECT batch, state, count(*) FROM job WHERE batch IS NOT NULL GROUP BY batch, state;
  CREATE TRIGGER jobAdded AFTER INSERT ON job BEGIN ${addTo('+', 'NEW')} END;
  CREATE TRIGGER jobChanged AFTER UPDATE OF state, planSize ON job
    BEGIN ${addTo('-', 'OLD')} ${addTo('+', 'NEW')} END;
  CREATE TRIGGER jobRemoved AFTER DELETE ON job BEGIN ${addTo('-', 'OLD')} END;
  CREATE TRIGGER itemAdded AFTER INSERT ON job WHEN NEW.batch IS NOT NULL BEGIN ${countItem('NEW', 1)} END;
  CREATE TRIGGER itemChanged AFTER UPDATE OF state ON job WHEN NEW.batch IS NOT NULL
    BEGIN ${countItem('OLD', -1)} ${countItem('NEW', 1)} END;
  CREATE TRIGGER batchRemoved AFTER DELETE ON job WHEN OLD.operation = 'batch'
    BEGIN DELETE FROM itemCount WHERE batch = OLD.id; END;
`;

/** Only this process has it until it is closed or the process ends. Errors: of SQLite; SERVICE_UNAVAILABLE where another has it. */
export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
  try {
    // In this order: with the exclusive lock first, WAL needs no memory that processes share.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    prepareTables(database, path);
    return database;
  } catch (error) {
    database.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === 5) throw new EgressoError('SERVICE_UNAVAILABLE', `another process uses ${path}`);
    throw error;
  }
}

function prepareTables(database: DatabaseSync, path: string): void {
  // A write, so that the lock is taken now.
  database.exec('BEGIN IMMEDIATE');
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > VERSION) {
    throw new EgressoError('SERVICE_UNAVAILABLE', `${path} is of a later version (${version}, not ${VERSION})`);
  }
  if (version === 0) database.exec(TABLE);
  if (version < VERSION) database.exec(`${INDEXES} ${TOTALS} PRAGMA user_version = ${VERSION}`);
  database.exec('COMMIT');
}
