import type { TokenSet } from '../../src/index.ts'
import { NetworkError, OAuthResponseError, UnexpectedResponseError } from '../../src/index.ts'
import type { TikTokClient } from '../../src/protocol/client.ts'
import type { SimProcess } from './process-model.ts'
import type { Scenario } from './scenario.ts'
import type { Pair, Rotated, Server } from './server-model.ts'
import type { World } from './world.ts'

export const openId = 'user-1'
export const timeoutMs = 10_000
export const accessLifeMs = 7_200_000

const mostRefreshMs = 600_000

/** A request under way. */
export interface SentRefresh {
  readonly claimEndsAt: () => number
}

/** What the invariants want to know about requests. */
export interface RequestObserver {
  refreshSent(process: SimProcess, refreshToken: string): SentRefresh
  replyDelivered(process: SimProcess, refreshToken: string, next: TokenSet): void
  refreshOver(sent: SentRefresh): void
  /** TikTok refused the refresh token. */
  refused(process: SimProcess, refreshToken: string): void
  revokeSent(process: SimProcess): void
}

/** The network between the processes and TikTok. */
export interface Network {
  readonly healed: boolean
  heal(): void
  connect(process: SimProcess): TikTokClient
  tokenSet(process: SimProcess, pair: Pair): TokenSet
}

export function createNetwork(
  world: World,
  scenario: Scenario,
  { server, observer }: { server: Server; observer: RequestObserver },
): Network {
  let healed = false
  const fault = (probability: number): boolean => !healed && world.chance(probability)

  function tokenSet(process: SimProcess, pair: Pair, issuedAt = process.clock.now()): TokenSet {
    return {
      openId,
      scope: ['user.info.basic'],
      tokenType: 'Bearer',
      issuedAt,
      expiresAt: issuedAt + accessLifeMs,
      refreshTokenExpiresAt: issuedAt + 180 * 86_400_000,
      ...pair,
    }
  }

  function refresh(process: SimProcess, refreshToken: string): Promise<TokenSet> {
    const issuedAt = process.clock.now()
    const sent = observer.refreshSent(process, refreshToken)
    const request = { by: process.id, claimEndsAt: sent.claimEndsAt }
    return new Promise((resolve, reject) => {
      const answer = (delayMs: number, run: () => void): void => {
        world.schedule(delayMs, () =>
          process.deliver(() => {
            observer.refreshOver(sent)
            run()
          }),
        )
      }
      const way = (): number => world.between(5, 400)
      const broken = (): NetworkError =>
        new NetworkError({ endpoint: 'token', timedOut: false, sent: 'unknown' })
      if (fault(scenario.unsent)) {
        const error = new NetworkError({ endpoint: 'token', timedOut: false, sent: 'no' })
        answer(way(), () => reject(error))
        return
      }
      if (fault(scenario.lostBefore)) return answer(way(), () => reject(broken()))
      const arrival = fault(scenario.slowArrival) ? world.between(5_000, 90_000) : way()
      world.schedule(arrival, () => {
        const back = fault(scenario.slowReply) ? world.between(5_000, 90_000) : way()
        const refusal = refuseBeforeActing(fault, scenario)
        if (refusal !== undefined) return answer(back, () => reject(refusal))
        const outcome = server.refresh(refreshToken, request)
        if (outcome === 'invalid_grant') {
          const error = new OAuthResponseError({ endpoint: 'token', error: 'invalid_grant', httpStatus: 200 })
          return answer(back, () => {
            observer.refused(process, refreshToken)
            reject(error)
          })
        }
        const loss = loseAnswer(fault, scenario)
        if (loss !== undefined || !process.alive) lose(outcome, process.alive ? 'reply lost' : 'process died')
        if (loss === 'never') return answer(mostRefreshMs, () => reject(broken()))
        if (loss === 'broken') return answer(back, () => reject(broken()))
        if (loss === 'server error') {
          const error = new UnexpectedResponseError({ endpoint: 'token', problem: 'HTML', httpStatus: 502 })
          return answer(back, () => reject(error))
        }
        if (loss === 'unusable') {
          const error = new UnexpectedResponseError({ endpoint: 'token', problem: 'HTML', httpStatus: 200 })
          return answer(back, () => reject(error))
        }
        const next = tokenSet(process, outcome.pair, issuedAt)
        if (loss === 'other user') {
          return answer(back, () =>
            resolve({ ...next, openId: 'user-2', accessToken: 'act.foreign', refreshToken: 'rft.foreign' }),
          )
        }
        answer(back, () => {
          observer.replyDelivered(process, refreshToken, next)
          resolve(next)
        })
      })
    })
  }

  function lose({ rotation }: Rotated, why: string): void {
    rotation.replyLost = true
    rotation.family.explained.push(why)
  }

  return {
    get healed() {
      return healed
    },
    heal() {
      healed = true
    },
    tokenSet,
    connect: (process) => ({
      clientKey: 'simulated',
      redirectUri: undefined,
      pkce: false,
      codeChallengeEncoding: 'hex',
      timeoutMs,
      authorizationUrl: unused,
      exchangeCode: unused,
      clientToken: unused,
      userInfo: unused,
      fetch: unused,
      refresh: (refreshToken) => refresh(process, refreshToken),
      revoke(accessToken) {
        observer.revokeSent(process)
        return new Promise((resolve, reject) => {
          world.schedule(world.between(5, 400), () => {
            const lost = fault(scenario.lostBefore + scenario.lostAfter)
            const ok = !lost && server.revoke(accessToken)
            const error = new OAuthResponseError({
              endpoint: 'revocation',
              error: 'invalid_request',
              httpStatus: 400,
            })
            world.schedule(world.between(5, 400), () =>
              process.deliver(() => (ok ? resolve() : reject(error))),
            )
          })
        })
      },
    }),
  }
}

type Fault = (probability: number) => boolean

function refuseBeforeActing(fault: Fault, scenario: Scenario): Error | undefined {
  if (fault(scenario.throttled)) {
    const retryAfterMs = fault(0.5) ? 20_000 : undefined
    return new OAuthResponseError({
      endpoint: 'token',
      error: 'rate_limit_exceeded',
      httpStatus: 429,
      retryAfterMs,
    })
  }
  if (fault(scenario.errorBefore)) {
    return new OAuthResponseError({ endpoint: 'token', error: 'server_error', httpStatus: 500 })
  }
  return undefined
}

function loseAnswer(
  fault: Fault,
  scenario: Scenario,
): 'never' | 'broken' | 'server error' | 'unusable' | 'other user' | undefined {
  if (fault(scenario.hang)) return 'never'
  if (fault(scenario.lostAfter)) return 'broken'
  if (fault(scenario.errorAfter)) return 'server error'
  if (fault(scenario.unusable)) return 'unusable'
  if (fault(scenario.otherUser)) return 'other user'
  return undefined
}

function unused(): never {
  throw new Error('not part of the simulation')
}
