/**
 * Makes an error of what is none, and keeps its status.
 *
 * What an error handler throws on is only taken for an error by Fastify if it is one: anything else it would send as
 * the answer, with status 200.
 */
export function asError(error: unknown): Error {
  if (error instanceof Error) return error
  const { status, statusCode = status } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly status?: unknown
    readonly statusCode?: unknown
  }
  return Object.assign(new Error('Not an error.', { cause: error }), { statusCode })
}
