import type { FastifyInstance } from 'fastify'

declare global {
  const app: FastifyInstance
}
