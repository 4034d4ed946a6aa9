import type { TokenStoreHandle } from '../../src/index.ts'
import { soundStore, type Rows } from './sound-store.ts'

/** Makes a store with one thing wrong, over rows that its other handle shares. */
export type Break = (rows: Rows) => TokenStoreHandle

/** A sound store with some of its methods changed. */
export function changed(
  change: (sound: Required<TokenStoreHandle>, rows: Rows) => Partial<TokenStoreHandle>,
): Break {
  return (rows) => {
    const sound = soundStore(rows)
    return { ...sound, ...change(sound, rows) }
  }
}

/** What SQL takes a prefix for that is not escaped. */
export function like(prefix: string): RegExp {
  const pattern = prefix
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/%/g, '.*')
    .replace(/_/g, '.')
  return new RegExp(`^${pattern}`, 'is')
}
