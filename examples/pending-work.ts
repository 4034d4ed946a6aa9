/** Work that must be done before a process ends: refreshes that TikTok may have answered already. */
export interface PendingWork {
  /** Takes note of work: an adapter's `waitUntil`. */
  add(work: Promise<unknown>): void
  /** Waits for all of it, however it ends. */
  done(): Promise<void>
}

/** Makes it, with nothing to wait for. */
export function createPendingWork(): PendingWork {
  const pending = new Set<Promise<unknown>>()
  return {
    add(work) {
      const noted = work.catch(() => undefined).finally(() => pending.delete(noted))
      pending.add(noted)
    },
    async done() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
