import type { StoreEntry, TokenStore } from '@tiktok-auth/core'
import type { Point, Report, StoreTrouble, Write } from './messages.ts'

/** What stands between a token manager and its store. */
export interface StoreObserver {
  /** Tells the parent, at once. */
  readonly report: (report: Report) => void
  /** Resolves at once, or never where the parent wants this process to be killed. */
  readonly pass: (point: Point) => Promise<void>
  readonly trouble: () => StoreTrouble
  /** Whether the answer to a write that is done gets lost. */
  readonly losesAcknowledgement: () => boolean
}

/** The store, with every write told before it is done, and with the troubles that were ordered. */
export function observedStore(store: TokenStore, observer: StoreObserver): TokenStore {
  async function write(told: Write, run: () => Promise<boolean>): Promise<boolean> {
    const { report, pass, losesAcknowledgement } = observer
    const settles = told.refreshToken !== undefined && told.claim === undefined
    if (told.claim !== undefined) await pass('before claim')
    refuseWhenDown(observer)
    report({ type: 'writing', write: told })
    const won = await run()
    if (won) {
      report({ type: 'written', revision: told.revision, at: preciseNow() })
      if (told.claim !== undefined) await pass('after claim')
      else if (settles) await pass('after settle')
    }
    if (losesAcknowledgement()) throw new Error('The acknowledgement was lost.')
    return won
  }
  return {
    async read(key) {
      refuseWhenDown(observer)
      return store.read(key)
    },
    insert: (key, entry) => write({ key, ...describe(entry) }, () => store.insert(key, entry)),
    replace: (key, expected, entry) =>
      write({ key, expected, ...describe(entry) }, () => store.replace(key, expected, entry)),
  }
}

/** The instant, comparable between the processes of a machine, in Unix milliseconds with fractions. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now()
}

function refuseWhenDown({ trouble }: StoreObserver): void {
  if (trouble().down === true) throw new Error('The store is down.')
}

function describe({ revision, value }: StoreEntry): Omit<Write, 'key'> {
  const record: { tokenSet?: { refreshToken: string }; claim?: { id: string } } = JSON.parse(value)
  return {
    revision,
    ...(record.claim && { claim: record.claim.id }),
    ...(record.tokenSet && { refreshToken: record.tokenSet.refreshToken }),
  }
}
