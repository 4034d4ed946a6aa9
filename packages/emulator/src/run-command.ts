import type { CommandSettings } from './command.ts'
import { createEmulator } from './emulator.ts'
import type { ListeningEmulator } from './emulator.ts'
import { EmulatorOptionsError } from './errors.ts'

/** What the command has to say, and how to end it if it runs. */
export interface RunningCommand {
  readonly text: string
  readonly close: (() => Promise<void>) | undefined
}

const optionNames: Readonly<Record<string, string>> = {
  clientKey: '--client-key',
  clientSecret: '--client-secret',
  redirectUris: '--redirect-uri',
  stateFile: '--state',
}

/** Starts an emulator with one app, or says why it cannot. */
export async function runCommand(settings: CommandSettings): Promise<RunningCommand> {
  try {
    const { clientKey, clientSecret, platform, redirectUris, port, stateFile } = settings
    const emulator = createEmulator({
      clients: [{ clientKey, clientSecret, platform, redirectUris, name: 'My app' }],
      ...(stateFile !== undefined && { stateFile }),
    })
    const listening = await emulator.listen({ port })
    return { text: introduce(settings, listening), close: () => listening.close() }
  } catch (error) {
    const text = explain(error, settings)
    if (text === undefined) throw error
    return { text: `${text}\n`, close: undefined }
  }
}

function explain(error: unknown, { port }: CommandSettings): string | undefined {
  if (error instanceof EmulatorOptionsError) {
    const name = /(?:clients\[0\]\.)?(\w+)/.exec(error.option)?.[1] ?? ''
    return `${optionNames[name] ?? error.option}: ${error.message.slice(error.option.length + 2)}`
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken. Choose another with --port, or --port 0 for a free one.`
  if (code === 'EACCES')
    return `Port ${port} may not be used by this account. Choose one above 1023 with --port.`
  return undefined
}

function introduce(settings: CommandSettings, { origin, endpoints }: ListeningEmulator): string {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, apiOrigin } = endpoints
  const { clientKey, clientSecret, platform, redirectUris } = settings
  const shown = { authorizationEndpoint, tokenEndpoint, revocationEndpoint, apiOrigin }
  return `
TikTok emulator, listening on this machine only.

  Dashboard      ${origin}/
  Redirect URIs  ${redirectUris.join('\n                 ')}

Paste into your app's options:

  clientKey: ${quote(clientKey)},
  clientSecret: ${quote(clientSecret)},
  redirectUri: ${quote(exampleOf(redirectUris))},
  platform: ${quote(platform)},
  endpoints: {
${Object.entries(shown)
  .map(([name, value]) => `    ${name}: ${quote(value)},`)
  .join('\n')}
  },

Press Ctrl+C to stop.
`
}

/** An app names its port; `*` is for registering only. */
function exampleOf([first = '']: readonly string[]): string {
  return first.replace(/:\*(?=\/|$)/, ':3000')
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
