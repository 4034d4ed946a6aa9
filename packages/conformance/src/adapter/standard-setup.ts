import type { ClientOptions, EmulatorEndpoints } from '@tiktok-auth/emulator'
import { randomBytes } from 'node:crypto'
import type { AppOptions, AppSetup, SiteSetup } from './setup.ts'

/** What a case wants to be different from the usual site. */
export interface Changes {
  /** What to change about the app's options. */
  readonly options?: Partial<AppOptions>
  /** What to change about the app. */
  readonly app?: Partial<Omit<AppSetup, 'options'>>
  /** A second app on the same site. */
  readonly second?: boolean
  readonly cookies?: SiteSetup['cookies']
  readonly errors?: SiteSetup['errors']
  /** Where the framework mounts the app. */
  readonly mountPath?: string
  /** What a proxy cuts off every path before it reaches the site. */
  readonly proxyPrefix?: string
  /** `http`: on loopback, as on a developer's machine. Default: https behind a proxy that ends TLS. */
  readonly scheme?: 'http' | 'https'
}

const clientKeys = ['awfirstapp', 'awsecondapp'] as const
const usualCallback = '/auth/tiktok/callback'

/** The site as browsers know it. */
export function publicOriginOf({ scheme }: Changes): string {
  return scheme === 'http' ? 'http://localhost:3000' : 'https://app.example'
}

/** Registers two apps with TikTok, each with a secret of its own. */
export function registrationsOf(changes: Changes): readonly ClientOptions[] {
  const base = publicOriginOf(changes) + (changes.proxyPrefix ?? '') + (changes.mountPath ?? '')
  return clientKeys.map((clientKey, index) => ({
    clientKey,
    clientSecret: randomText(),
    platform: changes.scheme === 'http' ? 'desktop' : 'web',
    redirectUris: [`${base}${index === 0 ? '' : '/second'}${usualCallback}`],
  }))
}

/** The usual site: one app at the root, with what a case wants to be different. */
export function standardSetup(
  registrations: readonly ClientOptions[],
  endpoints: EmulatorEndpoints,
  changes: Changes,
): SiteSetup {
  // One secret for both: what keeps two apps apart must not be luck.
  const secret = randomText()
  const apps = registrations.map(({ clientKey, clientSecret, redirectUris: [redirectUri = ''] }, index) => ({
    mountPath: changes.mountPath ?? '',
    prefix: index === 0 ? '' : '/second',
    options: {
      clientKey,
      clientSecret,
      redirectUri,
      secret,
      scope: ['user.info.basic', 'video.list'],
      routes: index === 0 ? { callback: usualCallback } : routesBelow('/second'),
      endpoints,
    },
  }))
  return {
    apps: apps
      .slice(0, changes.second === true ? 2 : 1)
      .map((app, index) => (index === 0 ? changedApp(app, changes) : app)),
    cookies: changes.cookies ?? [],
    errors: changes.errors ?? 'recorded',
  }
}

/** An app with what a case wants to be different. */
export function changedApp(app: AppSetup, { options, app: rest }: Changes): AppSetup {
  return { ...app, ...rest, options: { ...app.options, ...options } }
}

function routesBelow(prefix: string): NonNullable<AppOptions['routes']> {
  const path = (end: string): string => `${prefix}/auth/tiktok${end}`
  return {
    login: path(''),
    callback: path('/callback'),
    logout: path('/logout'),
    disconnect: path('/disconnect'),
  }
}

/** A text that nobody can guess. */
export function randomText(): string {
  return randomBytes(32).toString('base64url')
}
