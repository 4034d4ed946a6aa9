import type { Express as App } from 'express'

declare global {
  const app: App
}
