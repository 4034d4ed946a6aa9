export { postgresSchema } from './schema.ts'
export { postgresTokenStore } from './postgres-token-store.ts'
export type {
  PostgresClient,
  PostgresTokenStore,
  PostgresTokenStoreOptions,
  RemoveExpiredOptions,
} from './postgres-token-store.ts'
