import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../../src/index.ts'
import { oauthError, openId, tokenSet } from './fake-tiktok.ts'
import type { Rig } from './virtual.ts'
import { rig } from './virtual.ts'

// Stores, hosts and callers as they are, not as they should be.

async function connect(on: Rig, fields: Partial<TokenSet> = {}): Promise<TokenSet> {
  const login = tokenSet({ issuedAt: on.now() - 7_300_000, ...fields })
  await on.after(0, on.tokens.save(login))
  return login
}

function never(): Promise<never> {
  return new Promise(() => {})
}

function later<Value>(on: Rig, ms: number, value: Value): Promise<Value> {
  return new Promise((resolve) => void on.world.schedule(ms, () => resolve(value)))
}

/** What a call comes to, as a value. */
function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => error)
}

describe('a host', () => {
  test('whose waitUntil throws loses no answer, early or late', async () => {
    const on = rig({
      waitUntil: () => {
        throw new Error('no request is under way')
      },
    })
    await connect(on)
    const next = await on.after(1_000, on.tokens.get(openId))
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: next.refreshToken } })
    const late = tokenSet({ issuedAt: on.now() + 8_000_000 })
    on.fake.replies.push(() => later(on, 200_000, late))
    await on.pass(7_300_000)
    await on.after(16_000, outcome(on.tokens.get(openId)))
    await on.pass(200_000)
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: late.refreshToken } })
    expect(await on.after(1_000, on.tokens.revoke(openId))).toEqual({ remote: 'revoked' })
    await on.after(1_000, on.tokens.adopt({ refreshToken: 'rft.elsewhere' }))
    await on.after(1_000, on.tokens.close())
  })

  test('whose listener fails later breaks nothing', async () => {
    const on = rig({ onEvent: () => Promise.reject(new Error('no log today')) as unknown as void })
    await connect(on)
    await on.after(1_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
  })

  test('whose clock is set back hands out no token that has expired by the clock of the store', async () => {
    const on = rig()
    const login = await connect(on, { issuedAt: on.now() })
    await on.pass(3_600_000)
    on.process.setClock(-3_600_000)
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
    await on.pass(3_600_000)
    on.fake.replies.push(async () => tokenSet({ issuedAt: on.now() }))
    const next = await on.after(0, on.tokens.get(openId))
    expect(next.accessToken).not.toBe(login.accessToken)
    // The new one is issued by the wrong clock, and good for its whole life by that clock.
    await on.pass(3_600_000)
    expect(await on.after(0, on.tokens.get(openId))).toEqual(next)
    expect(on.fake.sent).toHaveLength(1)
  })
})

describe('a store', () => {
  const odd = [undefined, null, 0, 1, 'OK', { affectedRows: 0 }, { affectedRows: 1 }]

  test.each(odd)('whose writes answer %o has written what the row says', async (answer) => {
    const on = rig()
    const { insert, replace } = on.store
    on.store.insert = async (...write) => {
      await insert(...write)
      return answer as unknown as boolean
    }
    on.store.replace = async (...write) => {
      await replace(...write)
      return answer as unknown as boolean
    }
    await connect(on)
    const all = await on.after(1_000, Promise.all(Array.from({ length: 20 }, () => on.tokens.get(openId))))
    expect(on.fake.sent).toHaveLength(1)
    expect(on.store.record()).toMatchObject({ tokenSet: { accessToken: all[0]?.accessToken } })
  })

  test.each(odd)('that answers %o and writes nothing has nobody send anything', async (answer) => {
    const on = rig()
    await connect(on)
    on.store.replace = async () => answer as unknown as boolean
    await on.after(16_000, outcome(on.tokens.get(openId)))
    expect(on.fake.sent).toEqual([])
  })

  test('that says null for no row has no row', async () => {
    const on = rig()
    const { read } = on.store
    on.store.read = async (key) => (await read(key)) ?? (null as unknown as undefined)
    expect(await on.after(0, outcome(on.tokens.get(openId)))).toMatchObject({ reason: 'no_grant' })
    expect(await on.after(0, on.tokens.status(openId))).toMatchObject({ cause: 'no_grant' })
    const login = await connect(on, { issuedAt: on.now() })
    expect(await on.after(0, on.tokens.get(openId))).toEqual(login)
  })

  test.each([7, 'a row', [], {}, { value: '{}' }, { revision: 'r', value: '{}', expiresAt: '1', dueAt: 1 }])(
    'that gives %o for a row is told so, and a login replaces it where it has a revision',
    async (given) => {
      const on = rig()
      const { read } = on.store
      await connect(on)
      on.store.read = async () => given as never
      const told = { code: 'store', operation: 'read', message: expect.stringContaining('is no row') }
      expect(await on.after(0, outcome(on.tokens.get(openId)))).toMatchObject(told)
      expect(await on.after(0, outcome(on.tokens.status(openId)))).toMatchObject(told)
      on.store.read = read
      expect(await on.after(1_000, on.tokens.get(openId))).toBeDefined()
    },
  )

  test.each([undefined, null, 'text', 5, { code: 'ECONNRESET' }])(
    'that throws %o fails typed',
    async (thrown) => {
      for (const how of ['rejects', 'throws'] as const) {
        const on = rig()
        await connect(on)
        const fail = (): never => {
          // oxlint-disable-next-line typescript/only-throw-error -- stores do.
          throw thrown
        }
        const failing = how === 'throws' ? fail : () => Promise.reject(thrown)
        const { replace } = on.store
        on.store.replace = failing
        expect(await on.after(0, outcome(on.tokens.get(openId)))).toMatchObject({
          code: 'store',
          operation: 'replace',
        })
        on.store.replace = replace
        on.store.read = failing
        on.store.due = failing
        on.store.scan = failing
        expect(await on.after(0, outcome(on.tokens.get(openId)))).toMatchObject({
          code: 'store',
          ...(thrown !== undefined && { cause: thrown }),
        })
        expect(await on.after(0, outcome(on.tokens.save(tokenSet())))).toMatchObject({ code: 'store' })
        expect(await on.after(0, outcome(on.tokens.refreshDue()))).toMatchObject({
          code: 'store',
          operation: 'due',
        })
        expect(await on.after(0, outcome(on.tokens.reseal()))).toMatchObject({
          code: 'store',
          operation: 'scan',
        })
        expect(on.fake.sent).toEqual([])
      }
    },
  )

  test('that never answers a claim holds its user up for ten seconds, and nobody else', async () => {
    const on = rig()
    await connect(on)
    await on.after(0, on.tokens.save(tokenSet({ openId: 'another', issuedAt: on.now() - 7_300_000 })))
    const { replace } = on.store
    on.store.replace = (key, expected, entry) =>
      key.endsWith('another') ? replace(key, expected, entry) : never()
    const hung = outcome(on.tokens.get(openId))
    await on.after(1_000, on.tokens.get('another'))
    await expect(on.after(8_900, hung)).rejects.toThrow('still waiting')
    expect(await on.after(200, hung)).toMatchObject({ code: 'store', operation: 'replace' })
    on.store.replace = replace
    await on.after(1_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(2)
    expect(on.process.timers).toBe(0)
  })

  test('that never answers the write of new tokens is asked again, and callers get them from memory', async () => {
    const on = rig()
    const login = await connect(on)
    const { replace } = on.store
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(async () => {
      on.store.replace = never
      return next
    })
    const calls = Array.from({ length: 10 }, () => on.tokens.get(openId))
    await on.pass(9_000)
    on.store.replace = replace
    expect(await on.after(2_000, Promise.all(calls))).toEqual(calls.map(() => next))
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: next.refreshToken } })
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.events.map(({ type }) => type)).toEqual(['settle_delayed', 'refreshed'])
  })

  test('that answers nothing at all any more: whoever has the answer in memory gives it, until it is old', async () => {
    const on = rig({ waitMs: 5_000 })
    await connect(on)
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(async () => {
      Object.assign(on.store, { read: never, replace: never })
      return next
    })
    const first = on.tokens.get(openId)
    await expect(on.after(4_900, first)).rejects.toThrow('still waiting')
    expect(await on.after(200, first)).toEqual(next)
    expect(await on.after(5_000, on.tokens.get(openId))).toEqual(next)
    await on.pass(7_200_000)
    expect(await on.after(5_000, outcome(on.tokens.get(openId)))).toMatchObject({ code: 'refresh_pending' })
    expect(on.fake.sent).toHaveLength(1)
  })

  test('that comes back after an outage has the answer within a second, before its claim has run out', async () => {
    const on = rig()
    await connect(on)
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(async () => {
      on.store.failing.push('all')
      return next
    })
    const reads: number[] = []
    const { read } = on.store
    on.store.read = (key) => {
      reads.push(on.world.time)
      return read(key)
    }
    await on.after(1_000, on.tokens.get(openId))
    await on.pass(27_000)
    on.store.failing.length = 0
    await on.pass(1_000)
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: next.refreshToken } })
    await on.after(0, on.another().tokens.get(openId))
    expect(on.fake.sent).toHaveLength(1)
    // Twice for each attempt, as the fate of its write is looked up.
    expect(reads.length).toBeLessThan(120)
  })

  test('that needs two seconds for everything: one refresh, and nobody waits too long', async () => {
    const on = rig()
    await connect(on)
    const { read, replace } = on.store
    on.store.read = async (key) => later(on, 2_000, await read(key))
    on.store.replace = async (...write) => later(on, 2_000, await replace(...write))
    const all = await on.after(15_000, Promise.all(Array.from({ length: 50 }, () => on.tokens.get(openId))))
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('that names a due row twice has it refreshed once; one that names nonsense is told so', async () => {
    const on = rig()
    await connect(on, { issuedAt: on.now() - 9_000_000_000 })
    const [key = ''] = on.store.rows.keys()
    on.store.due = async () => [key, key, key]
    expect(await on.after(5_000, on.tokens.refreshDue())).toMatchObject({ due: 1, refreshed: 1 })
    expect(on.fake.sent).toHaveLength(1)
    on.store.due = async () => undefined as never
    expect(await on.after(0, outcome(on.tokens.refreshDue()))).toMatchObject({
      code: 'store',
      operation: 'due',
    })
    on.store.scan = async () => undefined as never
    expect(await on.after(0, outcome(on.tokens.reseal()))).toMatchObject({ code: 'store', operation: 'scan' })
  })
})

describe('the answer of a refresh', () => {
  test('is stored by one write, and nothing is read in between', async () => {
    const on = rig()
    await connect(on)
    const log: string[] = []
    const { read, replace } = on.store
    on.store.read = (key) => {
      log.push('read')
      return read(key)
    }
    on.store.replace = (...write) => {
      log.push('replace')
      return replace(...write)
    }
    on.fake.replies.push(async () => {
      log.push('answer')
      return tokenSet({ issuedAt: on.now() })
    })
    await on.after(0, on.tokens.get(openId))
    expect(log).toEqual(['read', 'replace', 'answer', 'replace'])
  })

  test('is stored although its claim was renewed at that moment', async () => {
    const on = rig()
    const login = await connect(on)
    const next = tokenSet({ issuedAt: on.now() })
    on.fake.replies.push(() => later(on, 15_050, next))
    const { replace } = on.store
    // The renewal takes effect, and its acknowledgement comes after the answer.
    on.store.replace = async (...write) => {
      const won = await replace(...write)
      return on.world.time > 14_000 && on.world.time < 15_050 ? later(on, 500, won) : won
    }
    void outcome(on.tokens.get(openId))
    await on.pass(15_700)
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: next.refreshToken } })
    expect(on.store.record()).not.toHaveProperty('claim')
    await on.pass(60_000)
    expect(on.fake.sent).toEqual([login.refreshToken])
    expect(on.store.record()).toMatchObject({ tokenSet: { refreshToken: next.refreshToken } })
  })
})

describe('a hundred callers', () => {
  test('share one failure, and the next call tries again', async () => {
    const on = rig()
    await connect(on)
    const failure = (): Promise<never> => Promise.reject(oauthError('server_error', { httpStatus: 500 }))
    on.fake.replies.push(failure, failure)
    const calls = Array.from({ length: 100 }, () => outcome(on.tokens.get(openId)))
    const errors = await on.after(5_000, Promise.all(calls))
    expect(new Set(errors).size).toBe(1)
    expect(errors[0]).toMatchObject({ code: 'oauth_response', error: 'server_error' })
    expect(on.fake.sent).toHaveLength(2)
    await on.pass(1_001)
    await on.after(1_000, on.tokens.get(openId))
    expect(on.fake.sent).toHaveLength(3)
  })

  test('get their tokens although the one who began has left', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(() => later(on, 3_000, tokenSet({ issuedAt: on.now() })))
    const controller = new AbortController()
    const first = outcome(on.tokens.get(openId, { signal: controller.signal }))
    await on.pass(1)
    const calls = Array.from({ length: 100 }, () => on.tokens.get(openId))
    controller.abort()
    expect(await on.after(0, first)).toMatchObject({ name: 'AbortError' })
    const all = await on.after(5_000, Promise.all(calls))
    expect(new Set(all.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(on.fake.sent).toHaveLength(1)
  })

  test('of four processes heed one 429', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(() =>
      Promise.reject(oauthError('slow_down', { httpStatus: 429, retryAfterMs: 1e12 })),
    )
    const others = [on, on.another(), on.another(), on.another()]
    const calls = others.flatMap(({ tokens }) =>
      Array.from({ length: 25 }, () => outcome(tokens.get(openId))),
    )
    const errors = await on.after(1_000, Promise.all(calls))
    expect(errors.map((error) => (error as { code: string }).code).sort()).toEqual([
      ...Array.from({ length: 25 }, () => 'oauth_response'),
      ...Array.from({ length: 75 }, () => 'refresh_pending'),
    ])
    await on.pass(290_000)
    for (const { tokens } of others) {
      expect(await on.after(0, outcome(tokens.get(openId)))).toMatchObject({ code: 'refresh_pending' })
    }
    expect(on.fake.sent).toHaveLength(1)
    await on.pass(10_000)
    on.fake.replies.push(async () => tokenSet({ issuedAt: on.now() }))
    await on.after(1_000, Promise.all(others.map(({ tokens }) => tokens.get(openId))))
    expect(on.fake.sent).toHaveLength(2)
  })

  test('leave no listener on a signal that they shared', async () => {
    const on = rig()
    await connect(on, { issuedAt: on.now() })
    const { signal } = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: unknown[]) => {
      listeners++
      Reflect.apply(addEventListener, signal, args)
    }
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--
      Reflect.apply(removeEventListener, signal, args)
    }
    const calls = Array.from({ length: 10 }, () => on.tokens.get(openId, { signal }))
    expect(listeners).toBe(10)
    await on.after(0, Promise.all(calls))
    expect(listeners).toBe(0)
  })
})

test.each([null, 5, {}, 'abort'])('%o is no signal, and told so', async (given) => {
  const on = rig()
  await connect(on, { issuedAt: on.now() })
  const signal = given as unknown as AbortSignal
  const told = { code: 'configuration', option: 'signal' }
  expect(await on.after(0, outcome(on.tokens.get(openId, { signal })))).toMatchObject(told)
  if (given === null) return
  expect(await on.after(0, outcome(on.tokens.fetch(openId, '/v2/x', { signal })))).toMatchObject(told)
})

describe('a revocation', () => {
  test('that would have to wait when the manager has been closed is left marked, not waited for', async () => {
    const on = rig()
    await connect(on)
    on.fake.replies.push(never)
    void outcome(on.tokens.get(openId))
    await on.pass(1)
    const other = on.another()
    await on.after(0, other.tokens.close())
    const { read } = on.store
    let reads = 0
    on.store.read = (key) => {
      reads++
      return read(key)
    }
    expect(await on.after(0, outcome(other.tokens.revoke(openId)))).toMatchObject({ code: 'refresh_pending' })
    expect(reads).toBeLessThan(5)
    expect(on.store.record()).toMatchObject({ revoking: true })
    expect(await on.after(0, outcome(on.tokens.get(openId)))).toMatchObject({ reason: 'no_grant' })
  })

  test('whose tombstone the store refuses every time ends in an error, not in a loop', async () => {
    const on = rig()
    await connect(on, { issuedAt: on.now() })
    on.fake.answerRevoke = async () => {
      on.store.replace = async () => false
    }
    expect(await on.after(0, outcome(on.tokens.revoke(openId)))).toMatchObject({
      code: 'store',
      operation: 'replace',
    })
    expect(on.store.record()).toMatchObject({ revoking: true })
  })
})

test('a row that is marked for removal while TikTok refuses its token stays due, and is finished', async () => {
  const on = rig()
  await connect(on)
  on.fake.replies.push(() =>
    later(on, 2_000, undefined).then(() => Promise.reject(oauthError('invalid_grant'))),
  )
  void outcome(on.tokens.get(openId))
  await on.pass(1_000)
  const other = on.another()
  void other.tokens.revoke(openId)
  await on.pass(1)
  other.process.crash()
  await on.pass(2_000)
  expect(on.store.record()).toMatchObject({ revoking: true, rejected: {} })
  await on.pass(31_000)
  expect(await on.after(5_000, on.tokens.refreshDue())).toMatchObject({ due: 1, revoked: 1 })
  expect(on.store.record()).toHaveProperty('removed')
})

test('an answer is not given from memory while it is open whether the row takes it', async () => {
  const on = rig()
  await connect(on)
  on.fake.replies.push(() => later(on, 1_000, tokenSet({ issuedAt: on.now() })))
  void outcome(on.tokens.get(openId))
  await on.pass(10)
  await on.after(0, on.another().tokens.save(tokenSet({ issuedAt: on.now() })))
  void on.another().tokens.revoke(openId)
  await on.pass(0)
  const { read } = on.store
  // The look at the row takes a while; meanwhile somebody else's fails.
  on.store.read = async (key) => later(on, 100, await read(key))
  await on.pass(1_000)
  on.store.failing.push('read')
  expect(await on.after(1_000, outcome(on.tokens.get(openId)))).toMatchObject({ reason: 'no_grant' })
})

test('a row that vanishes while its answer is being stored is waited for, not taken for a removal', async () => {
  const on = rig()
  await connect(on)
  const next = tokenSet({ issuedAt: on.now() })
  on.fake.replies.push(async () => {
    on.store.rows.clear()
    return next
  })
  const { insert } = on.store
  on.store.insert = async (...write) => {
    await later(on, 500, undefined)
    return insert(...write)
  }
  void outcome(on.tokens.get(openId))
  await on.pass(100)
  expect(on.store.rows.size).toBe(0)
  expect(await on.after(1_000, on.tokens.get(openId))).toEqual(next)
})

test('a refresh that a login has overtaken keeps nobody from refreshing the new tokens', async () => {
  const on = rig()
  await connect(on)
  on.fake.replies.push(() => later(on, 20_000, tokenSet({ issuedAt: on.now() })))
  void outcome(on.tokens.get(openId))
  await on.pass(1_000)
  const login = await connect(on)
  const next = tokenSet({ issuedAt: on.now() })
  on.fake.replies.push(() => later(on, 25_000, next))
  void outcome(on.tokens.get(openId))
  await on.pass(21_000)
  // The first flight has ended; the second is still the one to join.
  const calls = [on.tokens.get(openId), on.tokens.get(openId)]
  expect(await on.after(6_000, Promise.all(calls))).toEqual([next, next])
  expect(on.fake.sent.slice(1)).toEqual([login.refreshToken])
})

test('a revocation that loses its claim to another writer tries again', async () => {
  const on = rig()
  await connect(on, { issuedAt: on.now() })
  const { replace } = on.store
  on.store.replace = async () => {
    on.store.replace = replace
    await on.another().tokens.save(tokenSet({ issuedAt: on.now() }))
    return false
  }
  expect(await on.after(1_000, on.tokens.revoke(openId))).toEqual({ remote: 'revoked' })
  expect(on.store.record()).toHaveProperty('removed')
})
