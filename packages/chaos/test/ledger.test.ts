import { createEmulator, shortHash, type GrantSnapshot, type JournalEntry } from '@tiktok-auth/emulator'
import { beforeEach, describe, expect, test } from 'vitest'
import { createLedger, type Ending, type Ledger, type Verdict } from '../src/ledger.ts'
import type { Write } from '../src/messages.ts'

/** What the ledger must not let pass: without this, a green chaos run would say nothing. */

const openId = 'user'
const tokens = ['first', 'second', 'third']
let ledger: Ledger
let journal: JournalEntry[]
let revisions: number

beforeEach(() => {
  ledger = createLedger(10_000)
  ledger.login('first')
  journal = []
  revisions = 0
  write({ refreshToken: 'first' })
})

function write(changes: Partial<Write>, worker = 1): string {
  const revision = String(++revisions)
  ledger.hear(worker, { type: 'writing', write: { key: 'key', revision, ...changes } })
  ledger.hear(worker, { type: 'written', revision, at: 0 })
  return revision
}

function claimed(worker: number, at: number): void {
  const revision = String(++revisions)
  const note = { key: 'key', expected: '1', revision, refreshToken: 'first', claim: `of worker ${worker}` }
  ledger.hear(worker, { type: 'writing', write: note })
  ledger.hear(worker, { type: 'written', revision, at })
}

function asked(refreshToken: string, changes: Partial<JournalEntry>, worker = 1): void {
  ledger.hear(worker, { type: 'sending', refreshToken })
  const known: Partial<JournalEntry> = { grantType: 'refresh_token', presented: shortHash(refreshToken) }
  const entry: Partial<JournalEntry> = { ...known, effect: 'ok', outcome: 'ok', replay: false, ...changes }
  journal.push(entry as JournalEntry)
}

function answered(consumed: string, refreshToken: string, worker = 1): void {
  ledger.hear(worker, { type: 'answered', consumed, refreshToken })
}

function judge(ending: Partial<Ending>, removed: readonly string[] = []): Verdict {
  const grants = [
    {
      openId,
      state: 'active',
      tokens: [
        ...tokens.map((value) => ({ kind: 'refresh', value, state: 'live' })),
        { kind: 'access', value: 'works', state: 'live' },
        { kind: 'access', value: 'dead', state: 'revoked' },
      ],
    },
  ] as unknown as GrantSnapshot[]
  const one: Ending = { openId, accessToken: undefined, failure: undefined, stored: 'first', ...ending }
  return ledger.judge([one], { journal, grants, removed: new Set(removed), wiped: false })
}

const lost = { failure: 'reauthorization_required' } as const

describe('users', () => {
  test('a token that works is what everybody should have', () => {
    expect(judge({ accessToken: 'works' })).toMatchObject({ lost: [], unexplained: [] })
  })

  test.each([
    ['a token that does not work', { accessToken: 'dead' }],
    ['no answer in time', { failure: 'refresh_pending' }],
    ['a loss without any reason', lost],
  ])('%s is unexplained', (_, ending) => {
    expect(judge(ending).unexplained).toHaveLength(1)
  })

  test('a loss is explained when the only process that knew of it was killed', () => {
    asked('first', {})
    expect(judge(lost).unexplained).toHaveLength(1)
    ledger.killed(1)
    expect(judge(lost)).toMatchObject({ lost: [openId], unexplained: [] })
  })

  test('a loss is explained when the reply was lost', () => {
    asked('first', { outcome: 'dropped_after', fault: 'drop_after' })
    expect(judge(lost)).toMatchObject({ lost: [openId], unexplained: [] })
  })

  test('a loss is unexplained when a process that lives had the answer', () => {
    asked('first', { outcome: 'dropped_after', fault: 'drop_after' })
    answered('first', 'second', 2)
    expect(judge(lost).unexplained).toHaveLength(1)
  })

  test('a user who was removed must not have a token', () => {
    expect(judge(lost, [openId]).unexplained).toEqual([])
    expect(judge({ accessToken: 'works' }, [openId]).unexplained).toHaveLength(1)
  })
})

describe('writes', () => {
  const fine = { accessToken: 'works' }

  test('an answer over the token it was got with is fine, over another one it is not', () => {
    answered('first', 'second')
    const second = write({ expected: '1', refreshToken: 'second' })
    expect(judge(fine).unexplained).toEqual([])
    write({ expected: second, refreshToken: 'first' })
    write({ expected: second, refreshToken: 'third' })
    // The login's own token may be written anew only by a login, so only the other one counts.
    expect(judge(fine).unexplained).toHaveLength(1)
  })

  test('an older answer over a newer one is a step backwards', () => {
    answered('first', 'third')
    answered('third', 'second')
    const third = write({ expected: '1', refreshToken: 'third' })
    write({ expected: third, refreshToken: 'second' })
    expect(judge(fine).unexplained).toEqual([expect.stringContaining('backwards')])
  })

  test('an answer over a tombstone brings a removed grant back', () => {
    answered('first', 'second')
    const tombstone = write({ expected: '1' })
    write({ expected: tombstone, refreshToken: 'second' })
    expect(judge(fine).unexplained).toEqual([expect.stringContaining('came back')])
  })

  test('a row made of nothing is unexplained', () => {
    write({ refreshToken: 'second' })
    expect(judge(fine).unexplained).toHaveLength(1)
  })
})

describe('replays', () => {
  test('a replay needs a reason: a dead process, a frozen one, or a lost reply', () => {
    asked('first', {})
    answered('first', 'second')
    asked('first', { effect: 'invalid_grant', outcome: 'invalid_grant', replay: true }, 2)
    expect(judge({ accessToken: 'works' })).toMatchObject({ replays: 1, rotations: 1 })
    expect(judge({ accessToken: 'works' }).unexplained).toHaveLength(1)
    ledger.killed(1)
    expect(judge({ accessToken: 'works' }).unexplained).toEqual([])
  })

  test('a frozen process explains a replay', () => {
    asked('first', {})
    asked('first', { effect: 'invalid_grant', outcome: 'invalid_grant', replay: true }, 2)
    ledger.frozen(1)
    expect(judge({ accessToken: 'works' }).unexplained).toEqual([])
  })

  test('a claim that ran out explains a replay; one that was taken too early does not', () => {
    asked('first', {})
    answered('first', 'second')
    asked('first', { effect: 'invalid_grant', outcome: 'invalid_grant', replay: true }, 2)
    claimed(1, 0)
    claimed(2, 9_000)
    expect(judge({ accessToken: 'works' }).unexplained).toHaveLength(1)
    claimed(1, 20_000)
    expect(judge({ accessToken: 'works' }).unexplained).toEqual([])
  })
})

test('the hash is the one that the emulator writes into its journal', async () => {
  const emulator = createEmulator({
    clients: [
      { clientKey: 'a', clientSecret: 's', redirectUris: ['https://app.example.com/cb'], platform: 'web' },
    ],
  })
  await emulator.fetch(emulator.endpoints.tokenEndpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'client_key=a&client_secret=s&grant_type=refresh_token&refresh_token=t',
  })
  expect(emulator.requests.at(-1)?.presented).toBe(shortHash('t'))
})
