import { ConfigurationError, StoreError } from '@tiktok-auth/core'

/** A `pg` pool or client, PGlite, Neon: anything with their `query`. */
export interface PostgresClient {
  /** Runs one statement with its values beside it. */
  query(text: string, values: string[]): PromiseLike<QueryAnswer>
}

type QueryAnswer = { readonly rows: readonly unknown[] } | readonly unknown[]

/** Runs a statement and gives its rows. */
export type Query = (
  operation: string,
  text: string,
  values: readonly string[],
) => Promise<readonly unknown[]>

/**
 * Makes the one way statements are run.
 *
 * @throws `configuration` when the client has no `query`.
 */
export function createQuery(client: PostgresClient): Query {
  if (typeof client?.query !== 'function')
    throw new ConfigurationError('client', 'must have a `query` method, as a pg pool has.')
  return async (operation, text, values) => {
    let answer: QueryAnswer
    try {
      answer = await client.query(text, [...values])
    } catch (error) {
      throw new StoreError(operation, { cause: withoutValues(error), ...hintFor(operation, error) })
    }
    const rows: unknown = 'rows' in answer ? answer.rows : answer
    if (!Array.isArray(rows)) throw new StoreError(operation, { problem: 'the client gave no rows.' })
    return rows as readonly unknown[]
  }
}

/** Reads a column that every statement gives as text. */
export function field(row: unknown, name: string): string {
  const value = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[name] : undefined
  if (typeof value === 'string') return value
  throw new StoreError('read', { problem: `the client gave no text for the column ${name}.` })
}

const undefinedTable = '42P01'
const insufficientPrivilege = '42501'
const readOnlyTransaction = '25006'

function hintFor(operation: string, error: unknown): { problem?: string } {
  const code = codeOf(error)
  if (code === undefinedTable) return { problem: 'the table does not exist; call `setup()` first.' }
  if (code === insufficientPrivilege) return { problem: operation === 'setup' ? mayNotCreate : mayNotUse }
  if (code === readOnlyTransaction) return { problem: readOnly }
  return {}
}

const readOnly = 'the server or the session is read-only; connect to the primary.'
const mayNotCreate =
  'this role may not create the table; let its owner run what `postgresSchema()` gives in a migration, or grant CREATE.'
const mayNotUse =
  'this role lacks a right; grant it USAGE on the schema and SELECT, INSERT, UPDATE and DELETE on the table.'

// Drivers put the statement's values and whole rows beside the message; neither belongs in a log.
function withoutValues(error: unknown): Error {
  const { message, name } = error instanceof Error ? error : new Error('The client failed without an error.')
  const code = codeOf(error)
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code })
}

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : undefined
}
