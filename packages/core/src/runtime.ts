/** A value that is there at once, or a promise of it, depending on what the host offers. */
export type MaybePromise<T> = T | Promise<T>

declare const cipherKey: unique symbol

/** A 256-bit key as this host keeps it; only the {@link Primitives} that derived it can use it. */
export interface CipherKey {
  readonly [cipherKey]: true
}

/** What the rest of core needs from its host. Every implementation produces the same bytes. */
export interface Primitives {
  /** Fills a new array from the host's cryptographic random source. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>
  /** Writes bytes as base64url without padding (RFC 4648, section 5). */
  toBase64url(bytes: Uint8Array): string
  /** Reads base64url without padding; `undefined` for anything {@link toBase64url} would not have written. */
  fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined
  /** Encodes text as UTF-8. */
  utf8(text: string): Uint8Array<ArrayBuffer>
  sha256(text: string): MaybePromise<Uint8Array>
  /** Compares bytes without telling by its duration where they differ; their lengths are no secret. */
  equalBytes(left: Uint8Array, right: Uint8Array): boolean
  /** Derives 32 bytes from a secret (HKDF-SHA256 with an empty salt; RFC 5869). */
  hkdf(secret: Uint8Array<ArrayBuffer>, info: string): MaybePromise<Uint8Array<ArrayBuffer>>
  importKey(bytes: Uint8Array<ArrayBuffer>): MaybePromise<CipherKey>
  /** Encrypts with AES-256-GCM; the 16-byte tag follows the ciphertext. */
  encrypt(key: CipherKey, message: CipherMessage): MaybePromise<Uint8Array>
  /** Decrypts what {@link encrypt} wrote; `undefined` when anything of it was altered. */
  decrypt(key: CipherKey, message: CipherMessage): MaybePromise<Uint8Array | undefined>
}

/** One AES-GCM operation. */
export interface CipherMessage {
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly data: Uint8Array<ArrayBuffer>
  /** Authenticated, not encrypted. */
  readonly associated: string
}

/** Continues with a value at once where it is at hand, so that a synchronous host pays for no promise. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Decodes UTF-8; `undefined` when the bytes are not well formed. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Compares two texts without telling by its duration where they differ; only their lengths are no secret.
 *
 * Whether a value is there at all is the caller's question: two empty texts are equal here.
 */
export function constantTimeEqual(left: string, right: string, host: Primitives = hostPrimitives()): boolean {
  return host.equalBytes(host.utf8(left), host.utf8(right))
}

function webEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length
  // A missing byte is NaN to `^` and so counts as zero; the lengths differ then, and that is in `difference`.
  for (const [index, byte] of left.entries()) difference |= byte ^ Number(right[index])
  return difference === 0
}

const tagLength = 16
const base64urlText = /^[A-Za-z0-9_-]*$/

/** Web Crypto: every host has it, and every call of it is asynchronous. */
export function webPrimitives(crypto: Crypto): Primitives {
  const { subtle } = crypto
  const keys = new WeakMap<CipherKey, CryptoKey>()
  const algorithm = ({ nonce, associated }: CipherMessage): AesGcmParams => {
    return { name: 'AES-GCM', iv: nonce, additionalData: utf8(associated), tagLength: tagLength * 8 }
  }
  const keyOf = (key: CipherKey): CryptoKey => known(keys.get(key))
  return {
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    toBase64url: webToBase64url,
    fromBase64url: webFromBase64url,
    utf8,
    sha256: async (text) => new Uint8Array(await subtle.digest('SHA-256', utf8(text))),
    equalBytes: webEqual,
    async hkdf(secret, info) {
      const material = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
      const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8(info) }
      return new Uint8Array(await subtle.deriveBits(parameters, material, 256))
    },
    async importKey(bytes) {
      const handle = newHandle()
      keys.set(handle, await subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']))
      return handle
    },
    async encrypt(key, message) {
      return new Uint8Array(await subtle.encrypt(algorithm(message), keyOf(key), message.data))
    },
    async decrypt(key, message) {
      try {
        return new Uint8Array(await subtle.decrypt(algorithm(message), keyOf(key), message.data))
      } catch {
        return undefined
      }
    },
  }
}

function newHandle(): CipherKey {
  return Object.freeze({}) as CipherKey
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('The key belongs to other primitives.')
  return value
}

function webToBase64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function webFromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  // `atob` would skip white space and ignore stray bits; only the one canonical spelling is read.
  if (!base64urlText.test(text) || text.length % 4 === 1) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
  return webToBase64url(bytes) === text ? bytes : undefined
}

/** The part of `node:crypto` that is used here. */
export interface NodeCrypto {
  randomBytes(length: number): Uint8Array<ArrayBuffer>
  createHash(algorithm: 'sha256'): {
    update(data: string, encoding: 'utf8'): { digest(): Uint8Array }
  }
  hkdfSync(digest: 'sha256', key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): ArrayBuffer
  timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean
  createSecretKey(key: Uint8Array): object
  createCipheriv(algorithm: 'aes-256-gcm', key: object, nonce: Uint8Array): NodeCipher
  createDecipheriv(
    algorithm: 'aes-256-gcm',
    key: object,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): NodeDecipher
}

interface NodeCipher {
  setAAD(data: Uint8Array): unknown
  update(data: Uint8Array): Uint8Array
  final(): Uint8Array
  getAuthTag(): Uint8Array
}

interface NodeDecipher {
  setAAD(data: Uint8Array): unknown
  setAuthTag(tag: Uint8Array): unknown
  update(data: Uint8Array): Uint8Array
  final(): Uint8Array
}

/** Node's own crypto: synchronous, at a fraction of what a Web Crypto call costs. */
export function nodePrimitives(crypto: NodeCrypto, buffer: NodeBuffer): Primitives {
  const keys = new WeakMap<CipherKey, object>()
  const keyOf = (key: CipherKey): object => known(keys.get(key))
  return {
    // Drawn anew each time, whatever a block for many would save: in a copy of this process, as a memory snapshot makes
    // them, what was left of it would be drawn once more, and a nonce must never be.
    randomBytes: (length) => crypto.randomBytes(length),
    toBase64url: (bytes) => buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url'),
    fromBase64url(text) {
      const bytes = buffer.from(text, 'base64url')
      return bytes.toString('base64url') === text ? bytes : undefined
    },
    utf8: (text) => buffer.from(text, 'utf8'),
    sha256: (text) => crypto.createHash('sha256').update(text, 'utf8').digest(),
    equalBytes: (left, right) => left.length === right.length && crypto.timingSafeEqual(left, right),
    hkdf: (secret, info) =>
      new Uint8Array(crypto.hkdfSync('sha256', secret, new Uint8Array(0), utf8(info), 32)),
    importKey(bytes) {
      const handle = newHandle()
      keys.set(handle, crypto.createSecretKey(bytes))
      return handle
    },
    encrypt(key, { nonce, data, associated }) {
      const cipher = crypto.createCipheriv('aes-256-gcm', keyOf(key), nonce)
      cipher.setAAD(buffer.from(associated, 'utf8'))
      const body = cipher.update(data)
      cipher.final()
      return buffer.concat([body, cipher.getAuthTag()])
    },
    decrypt(key, { nonce, data, associated }) {
      if (data.length < tagLength) return undefined
      const decipher = crypto.createDecipheriv('aes-256-gcm', keyOf(key), nonce, { authTagLength: tagLength })
      return nodeDecrypt(decipher, data, buffer.from(associated, 'utf8'))
    },
  }
}

function nodeDecrypt(
  decipher: NodeDecipher,
  data: Uint8Array,
  associated: Uint8Array,
): Uint8Array | undefined {
  decipher.setAAD(associated)
  decipher.setAuthTag(data.subarray(data.length - tagLength))
  const plaintext = decipher.update(data.subarray(0, data.length - tagLength))
  try {
    decipher.final()
    return plaintext
  } catch {
    return undefined
  }
}

/** The part of `Buffer` that is used here. */
export interface NodeBuffer {
  from(text: string, encoding: 'base64url' | 'utf8'): NodeBytes
  from(bytes: ArrayBufferLike, offset: number, length: number): NodeBytes
  concat(parts: readonly Uint8Array[]): NodeBytes
}

type NodeBytes = Uint8Array<ArrayBuffer> & { toString(encoding: 'base64url'): string }

/** What this file looks for on a host's global object; each may be missing. */
export interface Host {
  readonly crypto: Crypto
  readonly Buffer?: NodeBuffer
  readonly process?: {
    getBuiltinModule?(name: 'node:crypto'): NodeCrypto | undefined
    emitWarning?(message: string, options: { type: string }): void
  }
  readonly console?: Pick<Console, 'warn'>
  readonly Request?: new (url: string, init: { readonly cache: 'no-store' }) => unknown
}

/** Chooses the fastest primitives that a host offers. */
export function choosePrimitives(host: Host): Primitives {
  const crypto = host.process?.getBuiltinModule?.('node:crypto')
  if (crypto === undefined || host.Buffer === undefined) return webPrimitives(host.crypto)
  return nodePrimitives(crypto, host.Buffer)
}

/** Tells the operator about something that works but is not meant for production. */
export function warnOperator(message: string, host: Host = thisHost): void {
  if (host.process?.emitWarning) host.process.emitWarning(message, { type: 'TikTokAuthWarning' })
  else host.console?.warn(message)
}

/**
 * Says how a `fetch` of this host is kept from caching, as Next.js and Cloudflare make theirs do.
 *
 * Nothing where the host refuses to be told: Workers of a compatibility date before 2024-11-11 throw.
 */
export function chooseUncached({ Request }: Host): { readonly cache?: 'no-store' } {
  try {
    return Request !== undefined && new Request('https://own.invalid/', uncached) ? uncached : {}
  } catch {
    return {}
  }
}

const uncached = { cache: 'no-store' } as const

const thisHost = globalThis as unknown as Host

let chosen: Primitives | undefined

/**
 * Gives the primitives of the host this runs on.
 *
 * Looked for at the first use, not at the import: on Node, loading `node:crypto` takes longer than loading core.
 */
export function hostPrimitives(): Primitives {
  chosen ??= choosePrimitives(thisHost)
  return chosen
}

let chosenUncached: ReturnType<typeof chooseUncached> | undefined

/** Gives what keeps the `fetch` of the host this runs on from caching. */
export function hostUncached(): ReturnType<typeof chooseUncached> {
  chosenUncached ??= chooseUncached(thisHost)
  return chosenUncached
}
