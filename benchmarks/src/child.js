/**
 * @typedef {{ port: number }} Listening
 * @typedef {{ cpuMicros: number, heapBytes: number, rssBytes: number }} Usage
 */

/**
 * Answers the questions of the process that started this one, until it lets go of us.
 *
 * @param {Record<string, (argument: any) => unknown>} answers by the name of the question
 */
export function answerParent(answers) {
  process.on('message', async (/** @type {{ id: number, ask: string, argument: unknown }} */ message) => {
    const { id, ask, argument } = message
    try {
      process.send?.({ id, answer: await answers[ask]?.(argument) })
    } catch (error) {
      process.send?.({ id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.on('disconnect', () => process.exit())
}

/**
 * What this process has used so far, by the operating system's count; all threads, garbage collection included.
 *
 * @returns {Usage}
 */
export function usage() {
  const { user, system } = process.cpuUsage()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { cpuMicros: user + system, heapBytes: heapUsed + external, rssBytes: rss }
}

/**
 * The memory still in use once everything that can be freed is.
 *
 * @returns {Promise<Usage>}
 */
export async function usageAfterCollection() {
  if (!globalThis.gc) throw new Error('start this process with --expose-gc')
  for (let round = 0; round < 4; round++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return usage()
}
