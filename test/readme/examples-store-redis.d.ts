import type { createClient as Create } from 'redis'

declare global {
  const createClient: typeof Create
}
