import { EmulatorOptionsError } from './errors.ts'
import type { ClientOptions } from './options.ts'
import { findListProblem, findUriProblem } from './redirect-uris.ts'
import { scopeTexts } from './scopes.ts'

/** A registered app with every default filled in. */
export interface Client extends Required<Omit<ClientOptions, 'sandbox' | 'pkce'>> {
  readonly sandbox: { readonly targetUsers: readonly string[] } | undefined
  /** Whether authorize demands a challenge and the exchange verifies it. */
  readonly demandsPkce: boolean
}

/** Registers the apps by their key, under the rules of TikTok's developer portal. */
export function registerClients(list: readonly ClientOptions[]): ReadonlyMap<string, Client> {
  if (!Array.isArray(list)) throw new EmulatorOptionsError('clients', 'give a list of apps')
  const clients = new Map<string, Client>()
  for (const [index, options] of list.entries()) {
    const client = register(options, `clients[${index}]`)
    if (clients.has(client.clientKey)) {
      throw new EmulatorOptionsError(
        `clients[${index}].clientKey`,
        'is registered twice; give each app its own key',
      )
    }
    clients.set(client.clientKey, client)
  }
  return clients
}

function register(options: ClientOptions, path: string): Client {
  checkCredential(options.clientKey, `${path}.clientKey`)
  checkCredential(options.clientSecret, `${path}.clientSecret`)
  if (options.platform !== 'web' && options.platform !== 'desktop') {
    throw new EmulatorOptionsError(`${path}.platform`, "write 'web' or 'desktop'")
  }
  checkRedirectUris(options, `${path}.redirectUris`)
  return {
    ...options,
    redirectUris: [...options.redirectUris],
    name: options.name ?? options.clientKey,
    scopes: [...(options.scopes ?? Object.keys(scopeTexts))],
    developer: options.developer ?? 'developer',
    approved: options.approved ?? true,
    sandbox: options.sandbox,
    demandsPkce: options.platform === 'desktop' || options.pkce === 'required',
  }
}

function checkCredential(value: unknown, option: string): void {
  if (typeof value !== 'string' || value === '') throw new EmulatorOptionsError(option, 'give a text')
  if (/\s/.test(value)) throw new EmulatorOptionsError(option, 'remove the white space')
}

function checkRedirectUris(options: ClientOptions, option: string): void {
  if (!Array.isArray(options.redirectUris)) throw new EmulatorOptionsError(option, 'give a list of addresses')
  const listProblem = findListProblem(options.redirectUris)
  if (listProblem !== undefined) throw new EmulatorOptionsError(option, listProblem)
  for (const [index, uri] of options.redirectUris.entries()) {
    const problem = findUriProblem(uri, options.platform)
    if (problem !== undefined) throw new EmulatorOptionsError(`${option}[${index}]`, problem)
  }
}
