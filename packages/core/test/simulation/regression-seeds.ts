import type { RunOptions } from './run.ts'

/** Runs that break a rule as soon as something is missing, with what was missing. They always run. */
export const regressionSeeds: readonly (RunOptions & { readonly missing: string })[] = [
  { seed: 1, scenario: 'answers slower than the lease', server: 'family', missing: 'renewal of claims' },
  {
    seed: 12,
    scenario: 'freezes',
    server: 'strict',
    missing: 'the right of whoever used the token to store',
  },
  { seed: 1, scenario: 'logins and slow answers', server: 'strict', missing: 'the guard on the used token' },
  { seed: 3, scenario: 'revocations and slow answers', server: 'strict', missing: 'respect for tombstones' },
  { seed: 1, scenario: 'clocks five minutes apart', server: 'strict', missing: 'claims ended by one clock' },
  { seed: 5, scenario: 'freezes and slow answers', server: 'strict', missing: 'storing of late answers' },
  {
    seed: 44,
    scenario: 'freezes and slow answers',
    server: 'strict',
    missing: 'the look before a rejection',
  },
  {
    seed: 1,
    scenario: 'driver sends writes twice',
    server: 'strict',
    missing: 'the re-read after a lost write',
  },
  { seed: 1, scenario: 'store outages', server: 'strict', missing: 'the repetition of a failed write' },
  {
    seed: 6,
    scenario: 'late answers, freezes, a slow store',
    server: 'strict',
    missing: 'the look for an answer that came late',
  },
  { seed: 703, scenario: 'everything', server: 'strict', missing: 'holding a claim when the clock is set' },
  {
    seed: 13,
    scenario: 'lost acknowledgements',
    server: 'family',
    missing: 'the look at what decided a write that failed',
  },
  {
    seed: 4,
    scenario: 'removed by the user, slow answers',
    server: 'strict',
    missing: 'the name of a claim',
  },
  {
    seed: 62,
    scenario: 'refused, then revoked',
    server: 'strict',
    missing: 'the attention for a row that is marked for removal, and refused',
  },
  {
    seed: 2017567,
    scenario: 'everything a fleet does',
    server: 'strict',
    missing: 'the memory of tokens that this process has used',
  },
]
