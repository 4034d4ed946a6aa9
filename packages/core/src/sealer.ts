import { ConfigurationError } from './errors.ts'
import { isAbsent, unsetHint } from './protocol/assert.ts'
import { after, fromUtf8, hostPrimitives } from './runtime.ts'
import type { CipherKey, MaybePromise, Primitives } from './runtime.ts'

/** What a sealed value is for and what it belongs to. Both are authenticated; neither is stored. */
export interface SealContext {
  /** The kind of value. Each purpose has its own derived key, so one kind can never be taken for another. */
  readonly purpose: string
  /** What the value belongs to, such as a row key and a revision; joined without ambiguity. */
  readonly context: readonly string[]
  /** Splits a purpose over up to 256 derived keys, so that none comes near the limit of random nonces. Default 0. */
  readonly bucket?: number
}

/** Seals short text so that only its owner can read it and nobody can alter or move it. Implement it for a KMS. */
export interface Sealer {
  /** Seals well-formed text, such as JSON. */
  seal(plaintext: string, context: SealContext): string | Promise<string>
  /** @throws when the value was altered, belongs to another context, or was sealed under an unknown key. */
  open(sealed: string, context: SealContext): string | Promise<string>
  /**
   * Optional: whether `sealed` rests under the key that seals now. Without it `tokens.reseal` cannot tell which rows
   * are done, and seals every row anew.
   */
  isCurrent?(sealed: string): boolean | Promise<boolean>
}

/** One key of a ring. The first of a ring seals; all open. */
export interface SealingKey {
  /** Stands in clear in front of each sealed value: 1 to 32 characters of `A-Z a-z 0-9 - _`. */
  readonly id: string
  /** 32 random bytes, base64url. */
  readonly key: string
}

/** Why a sealed value could not be opened. */
export type SealFailure = 'malformed' | 'unknown_key' | 'altered'

/**
 * A sealed value that cannot be opened here.
 *
 * `altered` covers a wrong purpose or context too: the seal cannot tell them apart, and must not. Whoever opens
 * a value translates this into an error of its own; it never holds any part of the value.
 */
export class SealError extends Error {
  override readonly name = 'SealError'
  /** Why it cannot be opened. */
  readonly reason: SealFailure

  constructor(reason: SealFailure) {
    super(`The sealed value cannot be opened (${reason}).`)
    this.reason = reason
  }
}

const version = 'v1'
const nonceLength = 12
const keyLength = 32
// Thirty-two random bytes hold fewer different values than this about once in 10^30 tries.
const leastDistinctBytes = 10
const keyId = /^[A-Za-z0-9_-]{1,32}$/
const envelope = /^v1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)$/
const randomKeyHint =
  "Make one with: node -p \"require('crypto').randomBytes(32).toString('base64url')\" and keep it outside the code."

interface RingKey {
  readonly id: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

type Ring = readonly [RingKey, ...RingKey[]]

/**
 * Creates a sealer over a ring of keys (AES-256-GCM).
 *
 * The first key seals and all open, so a key is rotated by putting a new one in front. Each purpose and bucket
 * gets its own key, derived by HKDF-SHA256, and every value its own random 96-bit nonce: keep below 2³² values
 * for one key, purpose and bucket. Both kinds of host primitives write the same bytes.
 *
 * @throws `configuration` when a key is not 32 random bytes in base64url, or an id is malformed or used twice.
 * @see https://www.rfc-editor.org/rfc/rfc5869
 * @example
 * const sealer = createSealer([{ id: '2026-11', key: newKey }, { id: '2026-05', key: oldKey }])
 */
export function createSealer(keys: readonly [SealingKey, ...SealingKey[]]): Sealer {
  return sealerFromKeys(keys)
}

/**
 * Creates a sealer from one secret or several; the first seals and all open. Key ids are fingerprints, so adding
 * or dropping a secret needs no further bookkeeping.
 *
 * @throws `configuration` when a secret is not 32 random bytes in base64url.
 * @example
 * const sealer = createSecretSealer([newKey, oldKey])
 * const sealed = await sealer.seal('text', { purpose: 'my own', context: ['user 1'] })
 */
export function createSecretSealer(secret: string | readonly string[]): Sealer {
  return sealerFromSecret(secret)
}

/** How a sealer is made inside this package. */
export interface SealerOrigin {
  /** What the keys are called in errors. */
  readonly option?: string
  /** Default: the primitives of the host this runs on. */
  readonly host?: Primitives
}

/** Does what {@link createSealer} does, on any host and under any name. */
export function sealerFromKeys(keys: readonly SealingKey[], origin: SealerOrigin = {}): Sealer {
  const { option = 'keys', host = hostPrimitives() } = origin
  const ring = readKeys(keys, option, host)
  return sealerOver(() => ring, host)
}

/** Does what {@link createSecretSealer} does, on any host and under any name. */
export function sealerFromSecret(secret: string | readonly string[], origin: SealerOrigin = {}): Sealer {
  const { option = 'secret', host = hostPrimitives() } = origin
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  const [first, ...rest] = secrets.map((value) => readKey(value, option, host))
  if (first === undefined) throw new ConfigurationError(option, 'is an empty list.', randomKeyHint)
  let ring: MaybePromise<Ring> | undefined
  return sealerOver(() => (ring ??= fingerprintAll([first, ...rest], host)), host)
}

function fingerprintAll(
  secrets: readonly [Uint8Array<ArrayBuffer>, ...Uint8Array<ArrayBuffer>[]],
  host: Primitives,
): MaybePromise<Ring> {
  const [first, ...rest] = secrets
  const start = after(fingerprint(first, host), (key): Ring => [key])
  return rest.reduce<MaybePromise<Ring>>(
    (ring, bytes) => after(ring, (keys) => after(fingerprint(bytes, host), (key): Ring => [...keys, key])),
    start,
  )
}

function fingerprint(bytes: Uint8Array<ArrayBuffer>, host: Primitives): MaybePromise<RingKey> {
  const derived = host.hkdf(bytes, JSON.stringify(['tiktok-auth', version, 'key id']))
  return after(derived, (digest) => ({ id: host.toBase64url(digest.subarray(0, 6)), bytes }))
}

function readKeys(keys: readonly SealingKey[], name: string, host: Primitives): Ring {
  if (!Array.isArray(keys)) throw new ConfigurationError(name, 'must be a list of keys.')
  const seen = new Set<string>()
  const [first, ...rest] = keys.map((entry: Partial<SealingKey> | null | undefined, index) => {
    const option = `${name}[${index}]`
    if (typeof entry?.id !== 'string' || !keyId.test(entry.id)) {
      throw new ConfigurationError(`${option}.id`, 'must be 1 to 32 characters of A-Z a-z 0-9 - _.')
    }
    if (seen.has(entry.id)) throw new ConfigurationError(`${option}.id`, 'is used twice in the ring.')
    seen.add(entry.id)
    return { id: entry.id, bytes: readKey(entry.key, `${option}.key`, host) }
  })
  if (first === undefined) throw new ConfigurationError(name, 'is an empty list.', randomKeyHint)
  return [first, ...rest]
}

function readKey(value: unknown, option: string, host: Primitives): Uint8Array<ArrayBuffer> {
  if (isAbsent(value)) {
    throw new ConfigurationError(option, 'is missing.', `${unsetHint} ${randomKeyHint}`)
  }
  if (typeof value !== 'string') throw new ConfigurationError(option, 'must be a string.', randomKeyHint)
  if (/^[0-9a-fA-F]{64}$/.test(value)) {
    throw new ConfigurationError(option, 'looks like hex; it must be base64url.', randomKeyHint)
  }
  const bytes = host.fromBase64url(value)
  if (bytes?.length !== keyLength) {
    throw new ConfigurationError(option, 'must be 32 bytes in base64url without padding.', randomKeyHint)
  }
  if (new Set(bytes).size < leastDistinctBytes) {
    throw new ConfigurationError(option, 'is not random.', randomKeyHint)
  }
  return bytes
}

function sealerOver(ringOf: () => MaybePromise<Ring>, host: Primitives): Sealer {
  // Purposes come from code and buckets number 256 at most, so this stays small.
  const derived = new Map<string, MaybePromise<CipherKey>>()

  const keyFor = (key: RingKey, { purpose, bucket = 0 }: SealContext): MaybePromise<CipherKey> => {
    // Neither an id nor a number has a dot, so no two keys share a name.
    const name = `${key.id}.${bucket}.${purpose}`
    const cached = derived.get(name)
    if (cached !== undefined) return cached
    const info = JSON.stringify(['tiktok-auth', version, 'seal', purpose, bucket])
    const made = after(host.hkdf(key.bytes, info), (bytes) =>
      after(host.importKey(bytes), (imported) => {
        derived.set(name, imported)
        return imported
      }),
    )
    derived.set(name, made)
    return made
  }

  return {
    seal: (plaintext, context) =>
      after(ringOf(), ([first]) =>
        after(keyFor(first, context), (key) => {
          const nonce = host.randomBytes(nonceLength)
          const message = { nonce, data: host.utf8(plaintext), associated: associated(first.id, context) }
          return after(host.encrypt(key, message), (data) => {
            // Twelve bytes are sixteen characters exactly, so the two texts together are that of all the bytes.
            return `${version}.${first.id}.${host.toBase64url(nonce)}${host.toBase64url(data)}`
          })
        }),
      ),
    isCurrent: (sealed) => after(ringOf(), ([first]) => sealed.startsWith(`${version}.${first.id}.`)),
    open(sealed, context) {
      const { id, bytes } = readEnvelope(sealed, host)
      const message = {
        nonce: bytes.subarray(0, nonceLength),
        data: bytes.subarray(nonceLength),
        associated: associated(id, context),
      }
      return after(ringOf(), (ring) => {
        const key = ring.find((candidate) => candidate.id === id)
        if (key === undefined) throw new SealError('unknown_key')
        return after(keyFor(key, context), (cipher) => after(host.decrypt(cipher, message), readPlaintext))
      })
    },
  }
}

// JSON escapes quotes and lone surrogates, so no two lists of texts have one spelling.
function associated(id: string, { purpose, context, bucket = 0 }: SealContext): string {
  return JSON.stringify([version, id, purpose, bucket, ...context])
}

function readEnvelope(sealed: string, host: Primitives): { id: string; bytes: Uint8Array<ArrayBuffer> } {
  const [, id, body] = envelope.exec(sealed) ?? []
  const bytes = body === undefined ? undefined : host.fromBase64url(body)
  if (id === undefined || bytes === undefined) throw new SealError('malformed')
  return { id, bytes }
}

function readPlaintext(bytes: Uint8Array | undefined): string {
  const plaintext = bytes === undefined ? undefined : fromUtf8(bytes)
  if (plaintext === undefined) throw new SealError('altered')
  return plaintext
}
