import { authAdapterCases } from './cases/index.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { AdapterCase, AdapterFeature, ServeApp } from './served-app.ts'

/** What came of one case. */
export interface CaseResult {
  /** The case. */
  readonly name: string
  /** What it stands for, with the ids of the rules. */
  readonly rule: string
  /** `not_applicable`: the adapter has no such feature. */
  readonly outcome: 'passed' | 'failed' | 'not_applicable'
  /** Why it failed, or which feature is missing. */
  readonly message?: string
  /** What the adapter did, to be compared with what others did. */
  readonly fingerprint?: Fingerprint
}

/** What came of every case for one adapter. Plain JSON. */
export interface AdapterReport {
  /** The adapter's name, as it was given. */
  readonly adapter: string
  /** How the names of the app's own session cookies begin, where the adapter has none. */
  readonly appSession?: string
  /** One for each case, in order. */
  readonly results: readonly CaseResult[]
}

/** Options of {@link createAdapterRun} and {@link runAdapterCases}. */
export interface AdapterRunOptions {
  /** The adapter's name in reports. Default `adapter`. */
  readonly adapter?: string
  /** Features that this kind of adapter does not have: cases that need them do not apply. */
  readonly lacks?: readonly AdapterFeature[]
  /**
   * How the names of the app's own session cookies begin, where the adapter has none: against another adapter's it
   * counts that there is one, not how it is made.
   */
  readonly appSession?: string
  /** Chooses cases. Default: all of them. */
  readonly only?: (each: AdapterCase) => boolean
}

/** The cases of one adapter, to be run one by one, and what has come of them so far. */
export interface AdapterRun {
  /** Those that apply. `run` throws when the adapter breaks the rule. */
  readonly cases: readonly { readonly name: string; readonly run: () => Promise<void> }[]
  /** What came of the cases that have run. */
  readonly report: () => AdapterReport
}

/**
 * Prepares the cases for a test runner of any make.
 *
 * @example
 * const { cases, report } = createAdapterRun(serve, { adapter: 'Express 5' })
 * for (const { name, run } of cases) test(name, () => run())
 * after(() => saveReport(report(), 'reports'))
 */
export function createAdapterRun(create: ServeApp, options: AdapterRunOptions = {}): AdapterRun {
  const { adapter = 'adapter', lacks = [], only = () => true, appSession } = options
  const chosen = authAdapterCases.filter(only)
  const results = new Map<string, CaseResult>()
  const applicable: AdapterCase[] = []
  for (const each of chosen) {
    const missing = each.needs.filter((feature) => lacks.includes(feature))
    if (missing.length === 0) applicable.push(each)
    else results.set(each.name, { ...headOf(each), outcome: 'not_applicable', message: missing.join(', ') })
  }
  return {
    cases: applicable.map((each) => ({
      name: each.name,
      run: async () => {
        try {
          const fingerprint = await each.run(create)
          results.set(each.name, { ...headOf(each), outcome: 'passed', fingerprint })
        } catch (error) {
          results.set(each.name, { ...headOf(each), outcome: 'failed', message: String(error) })
          throw error
        }
      },
    })),
    report: () => ({
      adapter,
      ...(appSession !== undefined && { appSession }),
      results: chosen.map(({ name }) => results.get(name)).filter((result) => result !== undefined),
    }),
  }
}

/** Runs the cases one after the other and reports what came of each. Never rejects for a case that failed. */
export async function runAdapterCases(
  create: ServeApp,
  options: AdapterRunOptions = {},
): Promise<AdapterReport> {
  const run = createAdapterRun(create, options)
  for (const each of run.cases) await each.run().catch(() => undefined)
  return run.report()
}

/** A case in which two adapters did not do the same. */
export interface Difference {
  /** The case. */
  readonly name: string
  /** The two that differ. */
  readonly adapters: readonly [string, string]
  /** What differs, and how. */
  readonly message: string
}

/** Finds the cases in which two adapters differ in status class, cookies or error codes. */
export function compareReports(one: AdapterReport, other: AdapterReport): readonly Difference[] {
  const adapters = [one.adapter, other.adapter] as const
  const theirs = new Map(other.results.map((result) => [result.name, result.fingerprint]))
  const cookiesOf = cookieReader([one, other])
  return one.results.flatMap(({ name, fingerprint: mine }) => {
    const fingerprint = theirs.get(name)
    if (mine === undefined || fingerprint === undefined) return []
    return differences(mine, fingerprint, cookiesOf).map((message) => ({ name, adapters, message }))
  })
}

type CookieReader = (cookies: readonly string[]) => readonly string[]

/** Where one adapter leaves the session to the app, only whether there is a session cookie can be compared. */
function cookieReader(reports: readonly AdapterReport[]): CookieReader {
  const own = reports.flatMap(({ appSession = [] }) => appSession)
  if (own.length === 0) return (cookies) => cookies
  const sessions = [...own, 'tiktok-session', '__Host-tiktok-session']
  return (cookies) =>
    cookies
      .map((cookie) => (sessions.some((name) => cookie.startsWith(name)) ? 'session' : cookie))
      .toSorted()
}

function differences(one: Fingerprint, other: Fingerprint, cookiesOf: CookieReader): readonly string[] {
  const found: string[] = []
  const compare = (what: string, a: unknown, b: unknown): void => {
    const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
    if (left !== right) found.push(`${what}: ${left} and ${right}`)
  }
  compare('error codes', one.errors, other.errors)
  compare('requests', one.steps.length, other.steps.length)
  for (const [index, step] of one.steps.entries()) {
    const counterpart = other.steps[index]
    if (counterpart === undefined) break
    compare(`status of ${step.request}`, step.status, counterpart.status)
    compare(`cookies of ${step.request}`, cookiesOf(step.cookies), cookiesOf(counterpart.cookies))
  }
  return found
}

function headOf({ name, rule }: AdapterCase): Pick<CaseResult, 'name' | 'rule'> {
  return { name, rule }
}
