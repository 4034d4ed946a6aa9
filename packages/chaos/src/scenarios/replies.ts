import type { Fault } from '@tiktok-auth/emulator'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scenario } from '../stage.ts'

const grantType = 'refresh_token'
const unharmed: readonly Fault[] = [
  { kind: 'drop_before', grantType },
  { kind: 'html', grantType },
  { kind: 'status', status: 500, grantType },
]
const harmful: readonly Fault[] = [
  { kind: 'drop_after', grantType },
  { kind: 'truncated', grantType },
  { kind: 'status', status: 500, acts: true, grantType },
]

/** Replies that do not arrive, and servers in trouble. */
export const replies: readonly Scenario[] = [
  {
    name: 'replies-lost-before-the-rotation',
    async play({ world, random, expectNoReplay }) {
      expectNoReplay()
      for (const _ of world.users) world.emulator.faults.next('token', random.pick(unharmed))
      world.expire()
      for (const worker of world.workers) world.ask(worker)
      await sleep(3_000)
    },
  },
  {
    name: 'replies-lost-after-the-rotation',
    async play({ world, random, mayLose }) {
      mayLose(world.users)
      for (const _ of world.users) world.emulator.faults.next('token', random.pick([...unharmed, ...harmful]))
      world.expire()
      for (const worker of world.workers) world.ask(worker)
      await sleep(3_000)
    },
  },
  {
    name: 'bursts-of-5xx-and-429',
    async play({ world, random, expectNoReplay }) {
      expectNoReplay()
      const retryAfter = { 'retry-after': '1' }
      const bursts: readonly Fault[] = [
        { kind: 'status', status: 503, grantType },
        { kind: 'status', status: 429, headers: retryAfter, grantType },
        { kind: 'oauth_error', error: 'server_error', grantType },
        { kind: 'html', grantType },
      ]
      world.expire()
      for (const burst of random.shuffle(bursts)) {
        const handle = world.emulator.faults.always('token', burst)
        for (const worker of world.workers) world.ask(worker)
        await sleep(1_500)
        handle.cancel()
      }
    },
  },
]
