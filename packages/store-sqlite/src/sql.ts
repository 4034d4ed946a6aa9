const grants = 'tiktok_auth_grants'

// The file's clock is its machine's: milliseconds, by a function that every version of SQLite has.
const now = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"

// `node:sqlite` binds an empty blob as NULL.
const blob = "ifnull(?, x'')"

/** Every statement, each of them atomic by itself. None takes a blob alone: libsql takes that for named parameters. */
export const sql: Readonly<Record<'read' | 'insert' | 'replace' | 'due' | 'scan' | 'removeExpired', string>> =
  {
    read: `
    SELECT revision, value, expires_at, due_at, max(0, ${now} - written_at) AS age_ms
    FROM ${grants} WHERE key = ${blob} AND expires_at > ${now} LIMIT ?`,
    insert: `
    INSERT INTO ${grants} (key, revision, value, expires_at, due_at, written_at)
    VALUES (${blob}, ${blob}, ${blob}, ?, ?, ${now})
    ON CONFLICT (key) DO UPDATE SET
      revision = excluded.revision, value = excluded.value, expires_at = excluded.expires_at,
      due_at = excluded.due_at, written_at = excluded.written_at
    WHERE ${grants}.expires_at <= ${now}`,
    replace: `
    UPDATE ${grants} SET revision = ${blob}, value = ${blob}, expires_at = ?, due_at = ?, written_at = ${now}
    WHERE key = ${blob} AND revision = ${blob} AND expires_at > ${now}`,
    // Without the hint the planner prefers the bounds of the key, which hold for every row of the app.
    due: `
    SELECT key FROM ${grants} INDEXED BY ${grants}_due
    WHERE due_at <= ? AND key >= ${blob} AND key < ? AND expires_at > ${now} ORDER BY due_at LIMIT ?`,
    // Ended rows come too, so that a page never reads on through any number of them.
    scan: `
    SELECT key, expires_at > ${now} AS living FROM ${grants}
    WHERE key >= ${blob} AND key < ? ORDER BY key LIMIT ?`,
    removeExpired: `
    DELETE FROM ${grants} WHERE rowid IN (SELECT rowid FROM ${grants} WHERE expires_at <= ${now} LIMIT ?)`,
  }

/** What each version of the schema adds to the one before. Never changed once released; a new version is a new element. */
export const migrations: readonly string[] = [
  `CREATE TABLE ${grants} (
     key BLOB NOT NULL PRIMARY KEY,
     revision BLOB NOT NULL,
     value BLOB NOT NULL,
     expires_at INTEGER NOT NULL,
     due_at INTEGER NOT NULL,
     written_at INTEGER NOT NULL
   );
   CREATE INDEX ${grants}_due ON ${grants} (due_at, key, expires_at);
   CREATE INDEX ${grants}_expiry ON ${grants} (expires_at);`,
]
