import { expect, test } from 'vitest'
import { createBackground } from '../../src/tokens/background.ts'
import { openIdOf, rowKey, rowKeyPrefix } from '../../src/tokens/row-key.ts'
import { createProcess } from '../simulation/process-model.ts'
import { createWorld } from '../simulation/world.ts'

function scene(): { world: ReturnType<typeof createWorld>; background: ReturnType<typeof createBackground> } {
  const world = createWorld(1, () => {})
  const { clock } = createProcess(world, 1, { skewMs: 0, onCrash: () => {} })
  return { world, background: createBackground(clock, undefined) }
}

test('once closed, nobody sleeps', async () => {
  const { world, background } = scene()
  let woken = 0
  void background.sleep(1e9, true).then(() => woken++)
  void background.pause(1e9).then(() => woken++)
  await world.drain(1_000)
  expect([woken, background.closing, background.abandoned]).toEqual([0, false, false])
  void background.close()
  await world.drain(2_000)
  expect([woken, background.closing, background.abandoned]).toEqual([2, true, true])
  void background.sleep(1e9, true).then(() => woken++)
  void background.pause(1e9).then(() => woken++)
  await world.drain(3_000)
  expect(woken).toBe(4)
})

test('closing ends pauses at once, but lets work sleep as long as it is waited for', async () => {
  const { world, background } = scene()
  const ended: string[] = []
  void background.pause(1e9).then(() => ended.push('pause'))
  background.track(background.sleep(5_000, true).then(() => ended.push('work')))
  void background.close().then(() => ended.push('closed'))
  await world.drain(4_000)
  expect(ended).toEqual(['pause'])
  await world.drain(6_000)
  expect(ended).toEqual(['pause', 'work', 'closed'])
})

test('a row key gives its open id back; any other key gives none', () => {
  const prefix = rowKeyPrefix('client')
  for (const openId of ['plain', 'a b', "it's (ü) *", '%', ':']) {
    expect(openIdOf(prefix, rowKey(prefix, openId))).toBe(openId)
  }
  for (const key of ['other:x', prefix, `${prefix}%zz`, `${prefix}a b`, `${prefix}%61`]) {
    expect(openIdOf(prefix, key)).toBeUndefined()
  }
})
