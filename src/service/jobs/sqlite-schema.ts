/** The database of jobs: its tables, and how it is opened. */
import { DatabaseSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';

const VERSION = 1;
/** For a process that is about to end. */
const LOCK_WAIT_MS = 2000;

/**
 * `seq` is the order of acceptance; `line`, where it is set, the place in line instead; `endedSeq` the order in which the
 * items of a batch ended. Flags are 0 or 1, times milliseconds since 1970.
 */
const TABLES = `
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
  CREATE UNIQUE INDEX jobByKey ON job (owner, idempotencyKey) WHERE idempotencyKey IS NOT NULL;
  CREATE INDEX jobInLine ON job (priority DESC, coalesce(line, seq), seq) WHERE state = 'queued';
  CREATE INDEX itemLive ON job (batch) WHERE state IN ('queued', 'running');
  CREATE INDEX itemByEnd ON job (batch, endedSeq);
  CREATE INDEX jobLive ON job (bodyHash) WHERE state IN ('queued', 'running');
  CREATE INDEX jobByPlan ON job (planHash) WHERE planHash IS NOT NULL;
  CREATE INDEX jobByEnd ON job (endedAt) WHERE endedAt IS NOT NULL;
  CREATE INDEX jobByOwner ON job (owner, seq);
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
  if (version !== 0 && version !== VERSION) {
    throw new EgressoError('SERVICE_UNAVAILABLE', `${path} is of another version (${version}, not ${VERSION})`);
  }
  if (version === 0) database.exec(`${TABLES}; PRAGMA user_version = ${VERSION}`);
  database.exec('COMMIT');
}
