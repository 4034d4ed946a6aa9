import { createSealer, memoryTokenStore, sealedTokenStore, singleProcessTokenStore } from '@tiktok-auth/core'
import type { TokenStore } from '@tiktok-auth/core'
import { describe, test } from 'vitest'
import { tokenStoreCases, type TokenStoreFeature, type TokenStoreSubject } from '../src/index.ts'

const sealer = createSealer([
  { id: 'test', key: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url') },
])

const open = async (): Promise<void> => {}

function shared(store: TokenStore, second: TokenStore = store): TokenStoreSubject {
  return { store, second, close: open }
}

function sealed({ store, second, close }: TokenStoreSubject): TokenStoreSubject {
  return { store: sealedTokenStore(store, sealer), second: sealedTokenStore(second, sealer), close }
}

function onOneMap(): TokenStoreSubject {
  const backing = new Map()
  return shared(singleProcessTokenStore(backing), singleProcessTokenStore(backing))
}

const subjects: readonly [string, readonly TokenStoreFeature[], () => TokenStoreSubject][] = [
  ['memory', ['age', 'due', 'scan'], () => shared(memoryTokenStore())],
  ['memory, sealed', ['age', 'due', 'scan'], () => sealed(shared(memoryTokenStore()))],
  ['a Map', [], onOneMap],
  ['a Map, sealed', [], () => sealed(onOneMap())],
]

describe.each(subjects)('%s', (_, has, create) => {
  for (const { name, run } of tokenStoreCases.filter((each) =>
    each.needs.every((need) => has.includes(need)),
  )) {
    test(name, () => run(async () => create()))
  }
})
