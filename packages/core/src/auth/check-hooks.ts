import { assertFunction, assertRecord } from '../protocol/assert.ts'

const hooks = ['onStart', 'onLogin', 'onError'] as const

/**
 * Checks that the hooks an application gave an adapter are functions, which plain JavaScript may get wrong.
 *
 * @throws `configuration` naming the hook, or `options` when there are none at all.
 */
export function checkHooks(options: { readonly [Name in (typeof hooks)[number]]?: unknown }): void {
  const given = assertRecord(options, 'options')
  for (const name of hooks) if (given[name] !== undefined) assertFunction(given[name], name)
}
