import { isTikTokAuthError } from '@tiktok-auth/core'
import { bucketAt, bucketCount } from './buckets.ts'
import { asText, type Driver, type RunScript } from './client.ts'
import { infoScript } from './scripts.ts'

/** What `setup()` could see of the servers, and what follows from it. With several masters the weakest counts. */
export interface RedisDurability {
  /** How many masters hold rows. */
  readonly masters: number
  /** What goes when memory is full; only `noeviction` keeps grants. `undefined` where the server does not say. */
  readonly maxmemoryPolicy: string | undefined
  /** Whether writes go to the append-only file. `undefined` where the server does not say. */
  readonly appendOnly: boolean | undefined
  /** When that file is written to disk: `always`, `everysec` or `no`. `undefined` where the server does not say. */
  readonly appendFsync: string | undefined
  /** How many replicas each master has, at least. `undefined` where the server does not say. */
  readonly replicas: number | undefined
  /** Each way in which acknowledged writes, and with them grants, get lost. For the log. */
  readonly warnings: readonly string[]
}

type Info = ReadonlyMap<string, string>

/** Asks every master that holds a bucket. What it does not say is unknown, not fine. */
export async function checkDurability(
  driver: Driver,
  run: RunScript,
  prefix: string,
): Promise<RedisDurability> {
  const masters = await askMasters(run, prefix)
  const policies = masters.map((info) => info.get('maxmemory_policy'))
  const files = masters.map((info) => info.get('aof_enabled'))
  const replicas = masters.map((info) => info.get('connected_slaves'))
  const seen = {
    masters: masters.length,
    maxmemoryPolicy: weakest(policies, (policy) => policy !== 'noeviction'),
    appendOnly: flag(weakest(files, (enabled) => enabled === '0')),
    appendFsync: await fsyncOf(driver),
    replicas: replicas.includes(undefined) ? undefined : Math.min(...replicas.map(Number)),
  }
  return { ...seen, warnings: warningsFor(seen) }
}

/** Every bucket's master, each once. A cluster routes by key, so this needs no list of nodes. */
async function askMasters(run: RunScript, prefix: string): Promise<readonly Info[]> {
  const masters = new Map<string, Info>()
  for (let index = 0; index < bucketCount; index += 16) {
    const keys = Array.from({ length: 16 }, (_, next) => bucketAt(prefix, index + next).queue)
    const infos = await Promise.all(keys.map((key) => askMaster(run, key)))
    for (const info of infos) masters.set(info.get('run_id') ?? '', info)
  }
  return [...masters.values()]
}

async function askMaster(run: RunScript, key: string): Promise<Info> {
  try {
    const text = asText(await run('setup', infoScript, { keys: [key], args: [] }))
    return new Map(text.split(/\r?\n/).flatMap((line) => (line.includes(':') ? [pairOf(line)] : [])))
  } catch (error) {
    // The server may refuse to tell; whether it can be reached at all is another matter.
    if (isRefusal(error)) return new Map()
    throw error
  }
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1)]
}

async function fsyncOf(driver: Driver): Promise<string | undefined> {
  let answers: readonly unknown[]
  try {
    answers = await driver.setting('appendfsync')
  } catch {
    // Managed servers refuse CONFIG; the masters have just been reached, so nothing else is at fault.
    return undefined
  }
  const modes = answers.map((answer) =>
    answer === undefined || answer === null ? undefined : asText(answer),
  )
  return modes.includes('no') ? 'no' : weakest(modes, (mode) => mode !== 'always')
}

/** What is bad on any server; otherwise unknown, if it is on any; otherwise what it is on all. */
function weakest(
  values: readonly (string | undefined)[],
  isBad: (value: string) => boolean,
): string | undefined {
  const bad = values.find((value) => value !== undefined && isBad(value))
  return bad ?? (values.includes(undefined) ? undefined : values[0])
}

function flag(value: string | undefined): boolean | undefined {
  return value === undefined ? undefined : value === '1'
}

function warningsFor(seen: Omit<RedisDurability, 'warnings'>): readonly string[] {
  const { maxmemoryPolicy, appendOnly, appendFsync, replicas } = seen
  const lost = 'a lost write loses a rotated refresh token, and its user has to log in again'
  const warnings: string[] = []
  if (maxmemoryPolicy === undefined)
    warnings.push(
      'Redis does not say what it does when memory is full; grants need maxmemory-policy noeviction.',
    )
  else if (maxmemoryPolicy !== 'noeviction')
    warnings.push(
      `Redis drops rows when memory is full (maxmemory-policy ${maxmemoryPolicy}); grants need noeviction.`,
    )
  if (appendOnly === undefined)
    warnings.push('Redis does not say whether it keeps an append-only file; grants need appendonly yes.')
  else if (!appendOnly)
    warnings.push(
      `Redis keeps no append-only file: a restart loses every write since the last snapshot; ${lost}.`,
    )
  else if (appendFsync === undefined)
    warnings.push(
      'Redis does not say when its append-only file reaches the disk; grants need appendfsync always.',
    )
  else if (appendFsync !== 'always')
    warnings.push(`Redis acknowledges writes before they are on disk (appendfsync ${appendFsync}); ${lost}.`)
  if (replicas !== undefined && replicas > 0)
    warnings.push(`Redis has replicas, which get writes after they are acknowledged: in a failover ${lost}.`)
  return warnings
}

const refusals = /NOPERM|not allowed|can't run this command|unknown( redis)? command/i

function isRefusal(error: unknown): boolean {
  const cause = isTikTokAuthError(error) ? error.cause : error
  return cause instanceof Error && refusals.test(cause.message)
}
