import { ConfigurationError } from '../errors.ts'

const hooks = ['onStart', 'onLogin', 'onError'] as const

/**
 * Checks that the hooks an application gave an adapter are functions, which plain JavaScript may get wrong.
 *
 * @throws `configuration` naming the hook.
 */
export function checkHooks(options: { readonly [Name in (typeof hooks)[number]]?: unknown }): void {
  for (const name of hooks) {
    if (options[name] === undefined || typeof options[name] === 'function') continue
    throw new ConfigurationError(name, 'must be a function.')
  }
}
