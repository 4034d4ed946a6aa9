import { ConfigurationError, type TokenStore } from '@tiktok-auth/core'

/** `CREATE TABLE` of the store below: compared by bytes, with instants as whole numbers. */
export const table = `CREATE TABLE grants (key text COLLATE "C" PRIMARY KEY, revision text COLLATE "C", value text,
  expires_at bigint, due_at bigint, written_at bigint)`
/** Runs a statement and gives its rows, by whatever ORM or driver there is. */
export type Query = (sql: string, values: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
const insert = `INSERT INTO grants AS g VALUES ($1, $2, $3, $4, $5, ${now}) ON CONFLICT (key) DO UPDATE SET
  revision = $2, value = $3, expires_at = $4, due_at = $5, written_at = ${now} WHERE g.expires_at <= ${now} RETURNING 1`
const replace = `UPDATE grants SET revision = $2, value = $3, expires_at = $4, due_at = $5, written_at = ${now}
  WHERE key = $1 AND revision = $6 AND expires_at > ${now} RETURNING 1`
const read = `SELECT *, greatest(0, ${now} - written_at) AS age FROM grants WHERE key = $1 AND expires_at > ${now}`

export function ownTokenStore(query: Query): TokenStore {
  // What PostgreSQL, its index or the driver cannot hold is refused rather than changed.
  const text = (name: string, value: string, longest = Infinity): string => {
    if (!/^\uFEFF|[\0\p{Surrogate}]/u.test(value) && value.length <= longest) return value
    throw new ConfigurationError(
      name,
      `must be well-formed text without NUL or byte order mark, at most ${longest} characters.`,
    )
  }
  const wins = async (...[sql, values]: Parameters<Query>): Promise<boolean> =>
    (await query(sql, values)).length > 0
  return {
    async read(key) {
      const [row] = await query(read, [text('key', key, 600)])
      if (row === undefined) return undefined
      const [expiresAt, dueAt, ageMs] = [Number(row['expires_at']), Number(row['due_at']), Number(row['age'])]
      return { revision: String(row['revision']), value: String(row['value']), expiresAt, dueAt, ageMs }
    },
    insert: async (key, { revision, value, expiresAt, dueAt }) =>
      wins(insert, [
        text('key', key, 600),
        text('revision', revision),
        text('value', value),
        expiresAt,
        dueAt,
      ]),
    replace: async (key, expected, entry) => {
      const { revision, value, expiresAt, dueAt } = entry
      const written = [text('revision', revision), text('value', value), expiresAt, dueAt]
      return wins(replace, [text('key', key, 600), ...written, text('revision', expected)])
    },
  }
}
