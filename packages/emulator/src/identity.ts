import type { Client } from './clients.ts'
import { derivedId } from './random.ts'

/** Returns a user's id for one app. */
export function openIdOf(client: Client, userId: string): string {
  return `-000${derivedId('open_id', client.clientKey, userId)}`
}

/** Returns a user's id for all apps of one developer. */
export function unionIdOf(client: Client, userId: string): string {
  return derivedId('union_id', client.developer, userId)
}
