export { tellGuardian, temporaryFolder } from './guardian.ts'
export { startPostgres, type PostgresServer } from './postgres.ts'
export { startRedis, startRedisCluster, type RedisOptions, type RedisServer } from './redis.ts'
export type { ServerProcess } from './server-process.ts'
