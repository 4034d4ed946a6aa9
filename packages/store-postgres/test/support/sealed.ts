import type { TokenStoreHandle, TokenStoreSubject } from '@tiktok-auth/conformance'
import { createSealer, sealedTokenStore } from '@tiktok-auth/core'

const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
const sealer = createSealer([{ id: 'test', key }])

/** The same subject with what it stores encrypted. */
export function sealed(subject: TokenStoreSubject): TokenStoreSubject {
  const { store, second, broken } = subject
  return {
    ...subject,
    store: sealedHandle(store),
    second: sealedHandle(second),
    ...(broken && { broken: async () => sealedHandle(await broken()) }),
  }
}

/** A store that encrypts, with the other abilities of the one below. */
export function sealedHandle(store: TokenStoreHandle): TokenStoreHandle {
  const { setup, removeExpired } = store
  return {
    ...sealedTokenStore(store, sealer),
    ...(setup && { setup: () => setup() }),
    ...(removeExpired && { removeExpired: () => removeExpired() }),
  }
}
