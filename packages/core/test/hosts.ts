import * as crypto from 'node:crypto'
import { nodePrimitives, webPrimitives } from '../src/runtime.ts'
import type { NodeCrypto, Primitives } from '../src/runtime.ts'

// The overloads of Node's own types are too wide to be compared with the few calls that core makes.
export const nodeCrypto = crypto as unknown as NodeCrypto
export const webCrypto = crypto.webcrypto as Crypto

export const node: Primitives = nodePrimitives(nodeCrypto, Buffer)
export const web: Primitives = webPrimitives(webCrypto)

/** Both kinds of host, for `describe.each`. */
export const hosts: [string, Primitives][] = [
  ['node', node],
  ['web', web],
]

/** A random sealing key. */
export const newKey = (): string => crypto.randomBytes(32).toString('base64url')
