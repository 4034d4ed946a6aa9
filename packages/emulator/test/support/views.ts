import type { ConsentView, DashboardState, FaultView, RequestView, UserView } from '../../src/views.ts'

export const now: number = Date.UTC(2026, 10, 26, 8, 44, 6)

export const users: readonly UserView[] = [
  { id: 'mia', displayName: 'Mia Sommer', username: 'mia.sommer', avatarUrl: 'https://pictures.example/mia' },
  { id: 'noor', displayName: 'Noor Haddad', username: 'noor', avatarUrl: 'https://pictures.example/noor' },
]

export const consent: ConsentView = {
  requestId: 'request-1',
  app: { name: 'Scheduler', clientKey: 'awkey', sandbox: true, redirectHost: 'app.example' },
  users,
  selectedUserId: 'noor',
  scopes: [
    {
      name: 'user.info.basic',
      title: 'Basic profile',
      description: 'Name and id.',
      required: true,
      checked: true,
    },
    {
      name: 'video.list',
      title: 'Your videos',
      description: 'The public ones.',
      required: false,
      checked: true,
    },
    {
      name: 'video.publish',
      title: 'Post',
      description: 'On your profile.',
      required: false,
      checked: false,
    },
  ],
}

export const fault: FaultView = {
  error: 'invalid_request',
  errorType: 'redirect_uri',
  errCode: '10003',
  explanation: 'The redirect URI is not registered.',
  remedy: 'Register it.',
}

export function request(id: number, change: Partial<RequestView> = {}): RequestView {
  return {
    id,
    at: now - 1000,
    method: 'POST',
    path: '/v2/oauth/token/',
    endpoint: 'token',
    grantType: 'refresh_token',
    clientKey: 'awkey',
    userId: 'mia',
    presented: 'a1b2c3d4',
    replay: false,
    status: 200,
    outcome: 'ok',
    fault: undefined,
    logId: '20261126',
    durationMs: 3,
    ...change,
  }
}

export const dashboard: DashboardState = {
  origin: 'http://127.0.0.1:4000',
  now,
  offsetMs: 7_200_000,
  clients: [
    {
      clientKey: 'awkey',
      name: 'Scheduler',
      platform: 'web',
      redirectUris: ['https://app.example/callback'],
    },
  ],
  users,
  grants: [
    {
      id: 'grant-1',
      clientKey: 'awkey',
      appName: 'Scheduler',
      userId: 'mia',
      openId: 'open-1',
      scope: ['user.info.basic'],
      state: 'active',
      accessExpiresAt: now + 7_140_000,
      refreshExpiresAt: now - 1,
      rotations: 4,
    },
    {
      id: 'grant-2',
      clientKey: 'awkey',
      appName: 'Scheduler',
      userId: 'noor',
      openId: 'open-2',
      scope: ['user.info.basic'],
      state: 'removed',
      accessExpiresAt: undefined,
      refreshExpiresAt: undefined,
      rotations: 0,
    },
  ],
  requests: [request(1), request(2, { replay: true, outcome: 'invalid_grant', fault: 'delay' })],
  faults: [{ endpoint: 'token', kind: 'delay', detail: '3000 ms', repeats: true }],
}

export const emptyDashboard: DashboardState = {
  ...dashboard,
  offsetMs: 0,
  clients: [],
  users: [],
  grants: [],
  requests: [],
  faults: [],
}

/** Fields that choose what is shown rather than being shown. */
const choices = new Set(['state', 'outcome'])

/** Puts a text behind every text of a view, so that what was equal stays equal. */
export function withEveryText<View>(view: View, suffix: string): View {
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return choices.has(key) ? value : value + suffix
    if (Array.isArray(value)) return value.map((item: unknown) => walk(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]))
  }
  return walk(view, '') as View
}
