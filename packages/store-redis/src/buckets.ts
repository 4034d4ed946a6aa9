/** How many buckets there are. Part of the layout: with another number no row would be found again. */
export const bucketCount = 256

/** One bucket: its rows and its queue lie in one hash slot, so that one script may touch both on a cluster. */
export interface Bucket {
  /** The sorted set of its keys by `dueAt`. */
  readonly queue: string
  /** The name of a row. */
  row(key: string): string
}

/** Names the buckets under `prefix`. */
export function bucketAt(prefix: string, index: number): Bucket {
  // Redis Cluster places a key by what stands between its first braces.
  const tag = `${prefix}{${index}}`
  return { queue: `${tag}:due`, row: (key) => `${tag}:row:${key}` }
}

/** Spreads keys evenly over the buckets (FNV-1a over UTF-16 units). */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (bucketCount - 1)
}
