/** What the consent page shows. */
export interface ConsentView {
  readonly requestId: string
  readonly app: {
    readonly name: string
    readonly clientKey: string
    readonly sandbox: boolean
    readonly redirectHost: string
  }
  readonly users: readonly UserView[]
  readonly selectedUserId: string
  readonly scopes: readonly {
    readonly name: string
    readonly title: string
    readonly description: string
    readonly required: boolean
    readonly checked: boolean
  }[]
}
export interface UserView {
  readonly id: string
  readonly displayName: string
  readonly username: string
  readonly avatarUrl: string
}
export interface FaultView {
  readonly error: string
  readonly errorType: string | undefined
  readonly errCode: string | undefined
  readonly explanation: string
  readonly remedy: string
}
export interface GrantView {
  readonly id: string
  readonly clientKey: string
  readonly appName: string
  readonly userId: string
  readonly openId: string
  readonly scope: readonly string[]
  readonly state: 'active' | 'removed'
  readonly accessExpiresAt: number | undefined
  readonly refreshExpiresAt: number | undefined
  readonly rotations: number
}
export interface RequestView {
  readonly id: number
  readonly at: number
  readonly method: string
  readonly path: string
  readonly endpoint: string
  readonly grantType: string | undefined
  readonly clientKey: string | undefined
  readonly userId: string | undefined
  readonly presented: string | undefined
  readonly replay: boolean
  readonly status: number | undefined
  readonly outcome: string
  readonly fault: string | undefined
  readonly logId: string | undefined
  readonly durationMs: number | undefined
}
export interface FaultQueueView {
  readonly endpoint: string
  readonly kind: string
  readonly detail: string
  readonly repeats: boolean
}
export interface DashboardState {
  readonly origin: string
  readonly now: number
  readonly offsetMs: number
  readonly clients: readonly {
    readonly clientKey: string
    readonly name: string
    readonly platform: string
    readonly redirectUris: readonly string[]
  }[]
  readonly users: readonly UserView[]
  readonly grants: readonly GrantView[]
  readonly requests: readonly RequestView[]
  readonly faults: readonly FaultQueueView[]
}
