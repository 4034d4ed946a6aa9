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
  seal(plaintext: string, context: SealContext): string | Promise<string>
  /** @throws when the value was altered, belongs to another context, or was sealed under an unknown key. */
  open(sealed: string, context: SealContext): string | Promise<string>
}

/** One key of a ring. The first of a ring seals; all open. */
export interface SealingKey {
  /** Stands in clear in front of each sealed value: 1 to 32 characters of `A-Z a-z 0-9 - _`. */
  readonly id: string
  /** 32 random bytes, base64url. */
  readonly key: string
}
