import {
  createTikTokClient,
  createTokenManager,
  isTikTokAuthError,
  type TokenManager,
} from '@tiktok-auth/core'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Got, Point, Report, StoreTrouble, WorkerSettings } from './messages.ts'
import { observedClient } from './observed-client.ts'
import { observedStore, preciseNow } from './observed-store.ts'
import { openStore, type OpenStore } from './open-store.ts'
import { createRandom } from './random.ts'
import { sealed } from './sealed.ts'

/** One of the processes that share a store: does what its parent says and tells what it does. */

interface Session {
  readonly tokens: TokenManager
  readonly opened: OpenStore
}

let session: Session | undefined
let offsetMs = 0
let stopAt: Point | undefined
let goOn: () => void = () => {}
let gate: Promise<void> = Promise.resolve()
let trouble: StoreTrouble = {}
let losesAcknowledgement = (): boolean => false

function report(message: Report): void {
  process.send?.(message)
}

async function pass(point: Point): Promise<void> {
  if (point !== stopAt) return
  report({ type: 'at', point })
  await gate
}

function stop(point: Point | undefined): void {
  goOn()
  stopAt = point
  gate = new Promise((resolve) => {
    goOn = resolve
  })
}

function misbehave(ordered: StoreTrouble): void {
  trouble = ordered
  const { share, seed } = ordered.lostAcknowledgements ?? { share: 0, seed: 0 }
  const random = createRandom(seed)
  losesAcknowledgement = () => random.next() < share
}

async function start(settings: WorkerSettings): Promise<void> {
  await end()
  stop(undefined)
  misbehave({})
  const { clientKey, clientSecret, timeoutMs, leaseMs, waitMs, tokenEndpoint, revocationEndpoint } = settings
  const opened = await openStore(settings)
  const now = (): number => Date.now() + offsetMs + settings.skewMs
  const endpoints = { tokenEndpoint, revocationEndpoint }
  const client = createTikTokClient({ clientKey, clientSecret, timeoutMs, endpoints, now })
  const observer = {
    report,
    pass,
    trouble: () => trouble,
    losesAcknowledgement: () => losesAcknowledgement(),
  }
  const store = observedStore(sealed(opened.store), observer)
  const tokens = createTokenManager(observedClient(client, observer), store, {
    leaseMs,
    waitMs,
    now,
    onEvent: ({ type }) => report({ type: 'event', name: type }),
  })
  session = { tokens, opened }
}

async function end(): Promise<void> {
  const ending = session
  session = undefined
  await ending?.tokens.close()
  await ending?.opened.close()
}

function running(): TokenManager {
  if (session === undefined) throw new Error('This worker was not started.')
  return session.tokens
}

async function getFor(openId: string, callers: number, insistMs: number): Promise<Got> {
  const accessTokens = new Set<string>()
  const failures: string[] = []
  const until = Date.now() + insistMs
  const tokens = running()
  const ask = async (): Promise<void> => {
    for (;;) {
      try {
        accessTokens.add((await tokens.get(openId)).accessToken)
        return
      } catch (error) {
        const final = isTikTokAuthError(error) && error.code === 'reauthorization_required'
        // Whoever still asks when the next scenario has begun must not meddle with it.
        if (final || Date.now() >= until || session?.tokens !== tokens) {
          failures.push(describe(error))
          return
        }
        await sleep(100 + 200 * Math.random())
      }
    }
  }
  await Promise.all(Array.from({ length: callers }, ask))
  return { openId, accessTokens: [...accessTokens], failures, at: preciseNow() }
}

function describe(error: unknown): string {
  return isTikTokAuthError(error) ? error.code : String(error)
}

async function obey(command: Command): Promise<void> {
  switch (command.type) {
    case 'clock':
      offsetMs = command.offsetMs
      return
    case 'stop at':
      stop(command.point)
      return
    case 'trouble':
      misbehave(command.trouble)
      return
    case 'start':
      await start(command.settings)
      return report({ type: 'done', id: command.id, got: [] })
    case 'get': {
      const { callers, insistMs } = command
      const got = await Promise.all(command.openIds.map((openId) => getFor(openId, callers, insistMs)))
      return report({ type: 'done', id: command.id, got })
    }
    case 'revoke':
      await running().revoke(command.openId)
      return report({ type: 'done', id: command.id, got: [] })
    case 'end':
      await end()
      return report({ type: 'done', id: command.id, got: [] })
  }
}

process.on('message', (command: Command) => {
  obey(command).catch((error: unknown) => {
    if ('id' in command) report({ type: 'failed', id: command.id, message: describe(error) })
    else throw error
  })
})
// Whoever is left without a parent has nothing left to do.
process.on('disconnect', () => process.exit(0))
