import { randomHex } from './random.ts'

/** Makes a `log_id` as TikTok writes them: the instant, then hexadecimal digits. */
export function createLogId(now: number): string {
  const instant = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)
  return instant + randomHex(20)
}
