import { describe, expect, it, vi } from 'vitest'
import { createAttempts } from '../../src/auth/attempts.ts'

const outcome = { openId: 'o', connectionId: 'c', returnTo: '/' }

describe('createAttempts', () => {
  it('works on each callback once a minute', async () => {
    let time = 0
    const attempts = createAttempts(() => time)
    const work = vi.fn<() => Promise<{ outcome: typeof outcome }>>(async () => ({ outcome }))
    expect((await attempts.run(['a'], work)).kind).toBe('first')
    time = 60_000
    expect(await attempts.run(['a'], work)).toEqual({ kind: 'repeated', outcome })
    time = 60_001
    expect((await attempts.run(['a'], work)).kind).toBe('first')
    time = 0
    expect((await attempts.run(['a'], work)).kind).toBe('first')
    expect(work).toHaveBeenCalledTimes(3)
  })

  it('tells callbacks apart by everything that matters', async () => {
    const attempts = createAttempts(() => 0)
    const kinds: string[] = []
    for (const parts of [['a', 'b'], ['ab'], ['a', 'b', undefined], ['a","b']]) {
      kinds.push((await attempts.run(parts, async () => ({ outcome }))).kind)
    }
    expect(kinds).toEqual(['first', 'first', 'first', 'first'])
  })

  it('keeps no failure', async () => {
    const attempts = createAttempts(() => 0)
    const failure = new Error('refused')
    await expect(attempts.run(['a'], () => Promise.reject(failure))).rejects.toBe(failure)
    expect((await attempts.run(['a'], async () => ({ outcome }))).kind).toBe('first')
  })

  it('remembers a thousand at most, the newest', async () => {
    const attempts = createAttempts(() => 0)
    const run = async (index: number) => (await attempts.run([String(index)], async () => ({ outcome }))).kind
    for (let index = 0; index < 1001; index++) await run(index)
    expect(await run(1000)).toBe('repeated')
    expect(await run(0)).toBe('first')
  })
})
