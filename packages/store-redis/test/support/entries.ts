import type { StoreEntry } from '@tiktok-auth/core'

/** Makes an entry with a new revision that lives for an hour. */
export function newEntry(changes: Partial<StoreEntry> = {}): StoreEntry {
  return {
    revision: crypto.randomUUID(),
    value: 'value',
    expiresAt: Date.now() + 3_600_000,
    dueAt: Number.MAX_SAFE_INTEGER,
    ...changes,
  }
}
