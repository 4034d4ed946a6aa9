import type pgModule from 'pg'

declare global {
  const pg: typeof pgModule
  const migration: pgModule.Client
}
