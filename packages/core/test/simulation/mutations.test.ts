import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import type { BuildManager, RunOptions } from './run.ts'
import { run } from './run.ts'

// A rule is worth its place only if the simulation notices when it is missing: each mutation takes one out.

interface Mutation {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly under: readonly Omit<RunOptions, 'seed'>[]
  readonly finds: RegExp
}

const strict = { server: 'strict' } as const

const mutations: readonly Mutation[] = [
  {
    name: 'only the newest claim may store its answer (fencing)',
    file: 'grant-settle.ts',
    from: "if (record.tokenSet.refreshToken !== consumed) return { type: 'changed' }",
    to: "if (record.claim?.id !== claim.id) return { type: 'changed' }",
    under: [{ ...strict, scenario: 'freezes' }],
    finds: /lost: unexplained|I4/,
  },
  {
    name: 'an answer is stored whatever the row holds by now',
    file: 'grant-settle.ts',
    from: "if (record.tokenSet.refreshToken !== consumed) return { type: 'changed' }",
    to: '',
    under: [
      { ...strict, scenario: 'logins and slow answers' },
      { ...strict, scenario: 'freezes and slow answers' },
    ],
    finds: /I2/,
  },
  {
    name: 'an answer is stored over a tombstone',
    file: 'grant-settle.ts',
    from: "if (isRemoved(record)) return { type: 'changed' }",
    to: 'if (isRemoved(record)) { await context.rows.write(claim.grant, { expected: row.revision, record: healthy(claim.record, next), dueAt: 0 }); return undefined }',
    under: [{ ...strict, scenario: 'revocations and slow answers' }],
    finds: /removed grant came back/,
  },
  {
    name: 'an answer is stored unread over whatever stands there',
    file: 'grant-settle.ts',
    from: 'return replace(context, claim, { row, next })\n}\n\nasync function settleRead',
    to: 'return context.rows.read(claim.grant).then((now) => replace(context, claim, { row: { ...row, revision: now?.revision ?? "" }, next }))\n}\n\nasync function settleRead',
    under: [{ ...strict, scenario: 'logins and slow answers' }],
    finds: /I2/,
  },
  {
    name: 'a claim gets another name when it is renewed',
    file: 'grant-claim.ts',
    from: 'const lease = await writeLease(context, grant, { expected: claim.lease.revision, record })',
    to: 'const named = { ...record, claim: { id: context.clock.id(), leaseMs: context.leaseMs } }; const lease = await writeLease(context, grant, { expected: claim.lease.revision, record: named })',
    under: [{ ...strict, scenario: 'removed by the user, slow answers' }],
    finds: /was not noted/,
  },
  {
    name: 'a revocation waits for its turn before it puts the row out of use',
    file: 'grant-revoke.ts',
    from: 'await mark(context, grant, live)',
    to: 'void mark',
    under: [{ ...strict, scenario: 'revocations and slow answers' }],
    finds: /did not take effect at once/,
  },
  {
    name: 'tokens of a marked row are handed out',
    file: 'grant-visit.ts',
    from: "if (revoking === true) throw new ReauthorizationRequiredError('no_grant')",
    to: 'void revoking',
    under: [
      { ...strict, scenario: 'revocations in mid-flight' },
      { ...strict, scenario: 'revocations and slow answers' },
    ],
    finds: /marked for removal were handed out/,
  },
  {
    name: 'an answer that the store does not take yet is forgotten by the next request',
    file: 'grant-exchange.ts',
    from: 'if (known?.consumed === tokenSet.refreshToken)',
    to: 'if (known?.consumed === "")',
    under: [{ ...strict, scenario: 'late answers, freezes, a slow store' }],
    finds: /sent again/,
  },
  {
    name: 'an answer that the store does not take yet is kept from callers',
    file: 'grant-access.ts',
    from: 'if (answer === undefined || !visit.mayHold(answer.consumed)) return undefined',
    to: 'if (answer === undefined || visit.mayHold(answer.consumed)) return undefined',
    under: [{ ...strict, scenario: 'store outages' }],
    finds: /knew the successor/,
  },
  {
    name: 'a refusal takes the attention from a row that is being revoked',
    file: 'grant-reject.ts',
    from: 'const dueAt = record.revoking === true ? clock.now() + leaseMs : never',
    to: 'const dueAt = leaseMs > 0 ? never : clock.now()',
    under: [{ ...strict, scenario: 'refused, then revoked' }],
    finds: /left unfinished/,
  },
  {
    name: 'claims end by comparing wall clocks',
    file: 'claim-watch.ts',
    from: 'if (ageOf(key, row) >= leaseMs) return true',
    to: 'return clock.now() >= row.dueAt',
    under: [{ ...strict, scenario: 'clocks five minutes apart' }],
    finds: /I7|needless replay/,
  },
  {
    name: 'a request is given up at the end of its lease',
    file: 'grant-exchange.ts',
    from: "if (overdue && late.type === 'refreshed') await onLate(late.next)",
    to: 'void onLate; void late; void overdue',
    under: [{ ...strict, scenario: 'freezes and slow answers' }],
    finds: /lost: unexplained|I4/,
  },
  {
    name: 'a claim is not renewed while its answer is awaited',
    file: 'grant-exchange.ts',
    from: 'let renewing = hold',
    to: 'let renewing = hold && claim.claimedAt < 0',
    under: [{ server: 'family', scenario: 'answers slower than the lease' }],
    finds: /lost: unexplained/,
  },
  {
    name: 'a lost acknowledgement counts as a lost write',
    file: 'grant-rows.ts',
    from: 'if (found === entry.revision) return found',
    to: '',
    under: [
      { ...strict, scenario: 'driver sends writes twice' },
      { ...strict, scenario: 'lost acknowledgements' },
    ],
    finds: /gentle/,
  },
  {
    name: 'a refusal is noted over tokens that it was not about',
    file: 'grant-reject.ts',
    from: 'if (!isWhatWasClaimed(record, claim) || record.rejected !== undefined)',
    to: 'if (record.rejected !== undefined)',
    under: [
      { ...strict, scenario: 'freezes and slow answers' },
      { ...strict, scenario: 'everything' },
    ],
    finds: /lost: unexplained/,
  },
  {
    name: 'a wall clock that is set ends a claim early for its holder',
    file: 'grant-claim.ts',
    from: 'return leaseMs - (clock.monotonic() - began.monotonic)',
    to: 'return leaseMs - Math.max(clock.monotonic() - began.monotonic, clock.now() - began.now)',
    under: [{ ...strict, ages: true, scenario: 'clocks step, answers are slow' }],
    finds: /needless replay/,
  },
  {
    name: 'a stored answer may be lost with one failed write',
    file: 'grant-settle.ts',
    from: 'if (background.abandoned) throw error',
    to: 'throw error',
    under: [
      { ...strict, scenario: 'store errors' },
      { ...strict, scenario: 'store outages' },
    ],
    finds: /lost: unexplained|I4|sent again/,
  },
  {
    name: 'tokens of another user are stored',
    file: 'grant-exchange.ts',
    from: 'if (next.openId === tokenSet.openId) return',
    to: 'if (next.openId !== "") return',
    under: [{ ...strict, scenario: 'tokens of another user' }],
    finds: /I8|I2/,
  },
  {
    name: 'a worker does not mind claims',
    file: 'due-row.ts',
    from: 'if (dueAt > context.clock.now() || !isFree(context, key, row)) return false',
    to: '',
    under: [
      { ...strict, scenario: 'workers only, slow answers' },
      { ...strict, scenario: 'workers and freezes' },
    ],
    finds: /I7|needless replay/,
  },
  {
    name: 'a worker does not finish revocations',
    file: 'due-row.ts',
    from: 'if (record.revoking === true) return true',
    to: 'if (record.revoking === true) return false',
    under: [{ ...strict, scenario: 'workers finish revocations' }],
    finds: /left unfinished/,
  },
  {
    name: 'a worker refreshes what is being revoked',
    file: 'due-row.ts',
    from: 'return live.record.revoking === true ? finishRevocation',
    to: 'return live.record.claim?.id === "" ? finishRevocation',
    under: [{ ...strict, scenario: 'workers finish revocations' }],
    finds: /left unfinished|mark of a revocation/,
  },
  {
    name: 'an adopted grant may be lost with one failed write',
    file: 'grant-adopt.ts',
    from: 'if (background.abandoned) throw error',
    to: 'throw error',
    under: [{ ...strict, scenario: 'adoptions and the store' }],
    finds: /I4/,
  },
  {
    name: 'a token is tried again by everybody who asks',
    file: 'grant-retry.ts',
    from: 'const result = await call.race(refresher.join(grant, { ...row, record }).result)',
    to: 'const reply = await context.client.refresh(record.tokenSet.refreshToken); const result = { type: "refreshed", grant: { ...record, tokenSet: reply } } as const',
    under: [{ ...strict, scenario: 'rejected grants tried again' }],
    finds: /I1|I5/,
  },
]

const folder = new URL('../../.tmp/mutations/', import.meta.url)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function build(mutation: Mutation): Promise<BuildManager> {
  const copy = new URL(`${mutations.indexOf(mutation)}/`, folder)
  mkdirSync(copy, { recursive: true })
  cpSync(new URL('../../src/', import.meta.url), new URL('src/', copy), {
    recursive: true,
    filter: (path) => !path.endsWith('tsconfig.json'),
  })
  const file = new URL(`src/tokens/${mutation.file}`, copy)
  const text = readFileSync(file, 'utf8')
  if (text.split(mutation.from).length !== 2)
    throw new Error(`${mutation.file} no longer holds: ${mutation.from}`)
  writeFileSync(
    file,
    text.replace(mutation.from, () => mutation.to),
  )
  const module: { createManagerOn: BuildManager } = await import(
    /* @vite-ignore */ new URL('src/tokens/token-manager.ts', copy).href
  )
  return module.createManagerOn
}

async function firstViolation(mutation: Mutation): Promise<string | undefined> {
  const manager = await build(mutation)
  for (let seed = 1; seed <= 150; seed++) {
    for (const under of mutation.under) {
      const { violations } = await run(manager, { ...under, seed })
      const found = violations.find((text) => mutation.finds.test(text))
      if (found !== undefined) return found
    }
  }
  return undefined
}

describe('the simulation notices when', () => {
  test.each(mutations.map((mutation) => [mutation.name, mutation] as const))(
    '%s',
    { timeout: 120_000 },
    async (_name, mutation) => {
      expect(await firstViolation(mutation)).toMatch(mutation.finds)
    },
  )
})
