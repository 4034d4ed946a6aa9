import type { ServerKind } from './scenario.ts'
import type { World } from './world.ts'

/** All tokens that came from one login. */
export interface Family {
  readonly login: number
  alive: boolean
  rotation: number
  current: string
  /** What, seen from outside, may have cost this grant its living token. */
  readonly explained: string[]
  /** Ended on purpose: by the user, by a revocation, by a newer login. */
  ended: string | undefined
}

/** One use of a refresh token that the server accepted. */
export interface Rotation {
  readonly consumed: string
  readonly issued: string
  readonly family: Family
  readonly requestedBy: number
  readonly rotatedAt: number
  /** True time at which the claim it was sent under runs out. */
  readonly claimEndsAt: () => number
  replyLost: boolean
  stored: boolean
}

/** What the server hands out. */
export interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
}

/** TikTok's token endpoint, as strict as its documentation, or as unkind or lenient as it might be. */
export interface Server {
  login(): Pair & { readonly family: Family }
  refresh(refreshToken: string, request: { by: number; claimEndsAt: () => number }): Rotated | 'invalid_grant'
  revoke(accessToken: string): boolean
  removeApp(): void
  accepts(accessToken: string): boolean
  familyOf(refreshToken: string): Family | undefined
  rotationOf(refreshToken: string): number
  /** The refresh token that this one was issued for; `undefined` for a login's own. */
  parentOf(refreshToken: string): string | undefined
  readonly families: readonly Family[]
  readonly rotations: readonly Rotation[]
  readonly replays: number
  readonly unexplainedReplays: readonly string[]
}

export interface Rotated {
  readonly pair: Pair
  readonly rotation: Rotation
}

interface Known {
  readonly family: Family
  readonly rotation: number
  readonly parent: string | undefined
  readonly accessToken: string
  uses: Rotation[]
}

const graceMs = 60_000

export function createServer(
  world: World,
  kind: ServerKind,
  habits: {
    readonly loginEndsOlder: boolean
    readonly refreshEndsAccess: boolean
    /** What at this moment makes a replay nobody's fault. */
    readonly excuse: () => string | undefined
  },
): Server {
  const { loginEndsOlder, refreshEndsAccess, excuse } = habits
  const known = new Map<string, Known>()
  const access = new Map<string, { family: Family; alive: boolean }>()
  const families: Family[] = []
  const rotations: Rotation[] = []
  const unexplainedReplays: string[] = []
  let serial = 0
  let replays = 0

  function issue(family: Family, parent: string | undefined): Pair {
    serial++
    const pair = { accessToken: `act.${serial}`, refreshToken: `rft.${serial}` }
    known.set(pair.refreshToken, {
      family,
      rotation: family.rotation,
      parent,
      accessToken: pair.accessToken,
      uses: [],
    })
    access.set(pair.accessToken, { family, alive: true })
    family.current = pair.refreshToken
    return pair
  }
  function renew({ family }: Known, refreshToken: string): Pair {
    serial++
    const accessToken = `act.${serial}`
    access.set(accessToken, { family, alive: true })
    return { accessToken, refreshToken }
  }
  function rotate(
    token: Known,
    refreshToken: string,
    request: { by: number; claimEndsAt: () => number },
  ): Rotated {
    const { family } = token
    if (refreshEndsAccess) {
      for (const entry of access.values()) if (entry.family === family) entry.alive = false
    }
    family.rotation++
    const pair = kind === 'steady' ? renew(token, refreshToken) : issue(family, refreshToken)
    const rotation: Rotation = {
      consumed: refreshToken,
      issued: pair.refreshToken,
      family,
      requestedBy: request.by,
      rotatedAt: world.time,
      claimEndsAt: request.claimEndsAt,
      replyLost: false,
      stored: false,
    }
    token.uses.push(rotation)
    rotations.push(rotation)
    return { pair, rotation }
  }
  function replay(
    token: Known,
    refreshToken: string,
    request: { by: number; claimEndsAt: () => number },
  ): Rotated | 'invalid_grant' {
    replays++
    const { family } = token
    const first = token.uses[0]
    if (first === undefined) throw new Error('no replay')
    const late = world.time >= request.claimEndsAt() - 1
    const explained = late || token.uses.some((use) => use.replyLost || world.time >= use.claimEndsAt() - 1)
    if (!explained) unexplainedReplays.push(`${refreshToken} by process ${request.by} at ${world.time}`)
    const inGrace = world.time - first.rotatedAt <= graceMs
    if (kind === 'grace_same' && inGrace && family.current === first.issued) {
      const answer = known.get(first.issued)
      if (answer === undefined) throw new Error('unknown token')
      const rotation = {
        ...first,
        requestedBy: request.by,
        claimEndsAt: request.claimEndsAt,
        replyLost: false,
      }
      token.uses.push(rotation)
      rotations.push(rotation)
      return { pair: { accessToken: answer.accessToken, refreshToken: first.issued }, rotation }
    }
    if (kind === 'grace_new' && inGrace && family.current === first.issued) {
      return rotate(token, refreshToken, request)
    }
    if (kind === 'family') end(family, excuse())
    return 'invalid_grant'
  }
  function end(family: Family, reason: string | undefined): void {
    family.alive = false
    family.ended ??= reason
    for (const entry of access.values()) if (entry.family === family) entry.alive = false
  }

  return {
    login() {
      if (loginEndsOlder) for (const family of families) end(family, 'a newer login')
      const family: Family = {
        login: families.length,
        alive: true,
        rotation: 0,
        current: '',
        explained: [],
        ended: undefined,
      }
      families.push(family)
      return { ...issue(family, undefined), family }
    },
    refresh(refreshToken, request) {
      const token = known.get(refreshToken)
      if (token === undefined || !token.family.alive) return 'invalid_grant'
      // Where a used token is answered with a new pair, the first pair lives on.
      const unused = kind === 'grace_new' && token.uses.length === 0
      if (unused || token.family.current === refreshToken) return rotate(token, refreshToken, request)
      return replay(token, refreshToken, request)
    },
    revoke(accessToken) {
      const entry = access.get(accessToken)
      if (entry === undefined || !entry.alive) return false
      for (const family of families) end(family, 'revoked')
      return true
    },
    removeApp() {
      for (const family of families) end(family, 'removed by the user')
    },
    accepts: (accessToken) => access.get(accessToken)?.alive === true,
    familyOf: (refreshToken) => known.get(refreshToken)?.family,
    rotationOf: (refreshToken) => known.get(refreshToken)?.rotation ?? -1,
    parentOf: (refreshToken) => known.get(refreshToken)?.parent,
    families,
    rotations,
    get replays() {
      return replays
    },
    unexplainedReplays,
  }
}
