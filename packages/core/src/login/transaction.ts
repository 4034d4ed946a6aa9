import { TransactionError } from '../errors.ts'
import type { Sealer } from '../sealer.ts'

/** One authorization request, as it travels sealed in the browser that began it. */
export interface Transaction {
  /** Comes back in the callback's query. */
  readonly state: string
  readonly createdAt: number
  /** What was asked for. */
  readonly scope: readonly string[]
  readonly codeVerifier: string | undefined
  readonly returnTo: string | undefined
  readonly bind: string | undefined
  readonly data: unknown
}

/** Which registration a transaction belongs to. Part of the seal: it opens for no other one. */
export interface TransactionOwner {
  readonly clientKey: string
  readonly redirectUri: string
}

const lifetimeMs = 10 * 60_000
const clockToleranceMs = 60_000

function contextOf({ clientKey, redirectUri }: TransactionOwner): {
  purpose: string
  context: readonly string[]
} {
  return { purpose: 'transaction', context: [clientKey, redirectUri] }
}

/** Seals a transaction; compact, because it has to fit into a cookie. */
export async function sealTransaction(
  transaction: Transaction,
  sealer: Sealer,
  owner: TransactionOwner,
): Promise<string> {
  const { state, createdAt, scope, codeVerifier, returnTo, bind, data } = transaction
  const fields = [createdAt, state, scope.join(' '), codeVerifier ?? 0, returnTo ?? 0, bind ?? 0]
  return sealer.seal(JSON.stringify(data === undefined ? fields : [...fields, data]), contextOf(owner))
}

/** Opens a transaction. @throws `transaction` with reason `unreadable`, whatever is wrong with it. */
export async function openTransaction(
  sealed: string,
  sealer: Sealer,
  owner: TransactionOwner,
): Promise<Transaction> {
  const plaintext = await unseal(sealed, sealer, owner)
  try {
    return readFields(JSON.parse(plaintext))
  } catch {
    // Without a cause: a parser quotes what it could not read, and this text is secret.
    throw new TransactionError('unreadable')
  }
}

async function unseal(sealed: string, sealer: Sealer, owner: TransactionOwner): Promise<string> {
  try {
    return await sealer.open(sealed, contextOf(owner))
  } catch (cause) {
    throw new TransactionError('unreadable', { cause })
  }
}

function readFields(fields: unknown): Transaction {
  const [createdAt, state, scope, codeVerifier, returnTo, bind, data] = fields as readonly unknown[]
  if (typeof createdAt !== 'number' || typeof state !== 'string' || typeof scope !== 'string') {
    throw new TypeError('The transaction was written by another version.')
  }
  return {
    createdAt,
    state,
    scope: scope.split(' '),
    codeVerifier: textOf(codeVerifier),
    returnTo: textOf(returnTo),
    bind: textOf(bind),
    data,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Tells whether a transaction is inside its time limit: ten minutes, and at most one from the future. */
export function isCurrent({ createdAt }: Transaction, now: number): boolean {
  const age = now - createdAt
  return age <= lifetimeMs && age >= -clockToleranceMs
}
