import { parseArgs } from 'node:util'
import type { ClientPlatform } from './options.ts'

/** What the command is to serve. */
export interface CommandSettings {
  readonly port: number
  readonly clientKey: string
  readonly clientSecret: string
  readonly platform: ClientPlatform
  readonly redirectUris: readonly string[]
  /** Where what matters after a restart is kept. */
  readonly stateFile?: string
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'serve'; readonly settings: CommandSettings }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'mistake'; readonly text: string }

const defaultPort = 4100
const exampleUris: Readonly<Record<ClientPlatform, string>> = {
  desktop: 'http://127.0.0.1:*/auth/tiktok/callback',
  web: 'https://app.example.com/auth/tiktok/callback',
}

const help = `Starts a TikTok on this machine, for development and tests.

Usage: tiktok-auth-emulator [options]

  --port <number>          where to listen on 127.0.0.1 (${defaultPort}; 0 takes a free port)
  --client-key <text>      your app's key (aw-emulator)
  --client-secret <text>   your app's secret (emulator-secret)
  --platform <name>        desktop (default): loopback redirect URIs, PKCE; or web: https, no PKCE
  --redirect-uri <uri>     a registered redirect URI; repeat it for more
                           (desktop: ${exampleUris.desktop})
  --state <file>           keeps users, grants and the clock there, so that a restart ends no login
  --help                   shows this

Without --state everything is forgotten at the end (Ctrl+C).
`

const hint = 'Run tiktok-auth-emulator --help for all options.\n'
const mistake = (text: string): Command => ({ kind: 'mistake', text: `${text}\n${hint}` })

/** Reads the command line. */
export function parseCommand(args: readonly string[]): Command {
  let values
  try {
    values = readValues(args)
  } catch (error) {
    return mistake(error instanceof Error ? error.message : String(error))
  }
  if (values.help === true) return { kind: 'help', text: help }
  const { port = String(defaultPort), platform = 'desktop' } = values
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    return mistake('--port: give a number from 0 to 65535.')
  if (platform !== 'web' && platform !== 'desktop') return mistake('--platform: write web or desktop.')
  const settings: CommandSettings = {
    port: Number(port),
    clientKey: values['client-key'] ?? 'aw-emulator',
    clientSecret: values['client-secret'] ?? 'emulator-secret',
    platform,
    redirectUris: values['redirect-uri'] ?? [exampleUris[platform]],
    ...(values.state !== undefined && { stateFile: values.state }),
  }
  return { kind: 'serve', settings }
}

interface Values {
  readonly port?: string
  readonly platform?: string
  readonly help?: boolean
  readonly state?: string
  readonly 'client-key'?: string
  readonly 'client-secret'?: string
  readonly 'redirect-uri'?: readonly string[]
}

function readValues(args: readonly string[]): Values {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      platform: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      state: { type: 'string' },
      'client-key': { type: 'string' },
      'client-secret': { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
    },
  })
  return values
}
