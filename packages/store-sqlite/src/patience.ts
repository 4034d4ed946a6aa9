const longestMs = 30_000
const longestPauseMs = 64

/**
 * Does work that another connection's lock may keep from being done: tries again, in between leaving the thread to
 * others, for at most half a minute.
 */
export async function patiently<Value>(work: () => Value): Promise<Value> {
  const end = performance.now() + longestMs
  for (let attempt = 0; ; attempt++) {
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error
    }
    await pause(1 + Math.random() * Math.min(longestPauseMs, 2 ** attempt))
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const busy = 5
const locked = 6

/** Tells a lock of somebody else from a failure, whichever driver says so. */
function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, errcode, errno, rawCode } = error as Record<string, unknown>
  if (typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)) return true
  // Extended codes carry the primary one in their low byte.
  return [errcode, errno, rawCode].some((number) => {
    return typeof number === 'number' && [busy, locked].includes(number & 0xff)
  })
}
