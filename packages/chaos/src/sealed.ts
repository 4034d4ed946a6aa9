import { createSealer, sealedTokenStore, type TokenStore } from '@tiktok-auth/core'

const key = Buffer.alloc(32, 'a key for tests alone: no secret').toString('base64url')
const sealer = createSealer([{ id: 'test', key }])

/** The store as an application has it: encrypted. */
export function sealed(store: TokenStore): TokenStore {
  return sealedTokenStore(store, sealer)
}
