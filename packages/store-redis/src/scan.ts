import { ConfigurationError, type TokenStore } from '@tiktok-auth/core'
import { bucketAt, bucketCount } from './buckets.ts'
import { asTexts, type RunScript } from './client.ts'
import { scanScript } from './scripts.ts'
import { checkInteger, checkText } from './text.ts'

type Scan = NonNullable<TokenStore['scan']>
type ScanQuery = Parameters<Scan>[0]

/** Where a scan is: in which bucket, where in its queue, and which running server said so. */
interface Place {
  readonly bucket: number
  readonly cursor: string
  readonly server: string
}

const start: Place = { bucket: 0, cursor: '0', server: 'unknown' }
const largestPage = 1000
// Where few of many keys are under the prefix, a page ends with what it has.
const mostSteps = 64

/** Makes the walk through all queues under `prefix`, one after the other. `living` keeps the keys of a bucket that have a row. */
export function createScan(
  run: RunScript,
  prefix: string,
  living: (bucket: number, keys: readonly string[]) => Promise<readonly string[]>,
): Scan {
  async function step(
    query: ScanQuery,
    { bucket, cursor, server }: Place,
  ): Promise<{ readonly keys: readonly string[]; readonly next: Place | undefined }> {
    const args = [query.prefix, String(Math.min(query.limit, largestPage)), cursor, server]
    const reply = await run('scan', scanScript, { keys: [bucketAt(prefix, bucket).queue], args })
    const [further = '0', by = 'unknown', ...found] = asTexts(reply)
    const keys = await living(bucket, found)
    if (further !== '0') return { keys, next: { bucket, cursor: further, server: by } }
    return { keys, next: bucket + 1 < bucketCount ? { ...start, bucket: bucket + 1 } : undefined }
  }

  return async (query) => {
    checkQuery(query)
    const found: string[] = []
    let place: Place | undefined = query.after === undefined ? start : placeOf(query.after)
    for (let steps = 0; place !== undefined && steps < mostSteps && found.length < query.limit; steps++) {
      const { keys, next } = await step(query, place)
      found.push(...keys)
      place = next
    }
    return place === undefined ? { keys: found } : { keys: found, next: textOf(place) }
  }
}

function checkQuery({ prefix, limit }: ScanQuery): void {
  checkText('prefix', prefix)
  checkInteger('limit', limit)
  if (limit < 1) throw new ConfigurationError('limit', 'must be a whole number, at least 1.')
}

function textOf({ bucket, cursor, server }: Place): string {
  return `${bucket}.${cursor}.${server}`
}

function placeOf(after: string): Place {
  const [, bucket = '', cursor = '', server = ''] =
    /^(\d{1,3})\.(\d{1,20})\.(\w{1,64})$/.exec(String(after)) ?? []
  // The server takes no number that needs more bits.
  if (server === '' || Number(bucket) >= bucketCount || BigInt(cursor) >= 2n ** 64n)
    throw new ConfigurationError('after', 'must be what a scan gave.')
  return { bucket: Number(bucket), cursor, server }
}
