import 'reflect-metadata'
import { Module, type DynamicModule } from '@nestjs/common'
import { APP_FILTER, NestFactory } from '@nestjs/core'
import { PassportModule } from '@nestjs/passport'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import type { ServedApp, Site } from '@tiktok-auth/conformance'
import { callbackStore } from '@tiktok-auth/test-rig/callback-store'
import express, { type NextFunction, type Request, type Response } from 'express'
import session from 'express-session'
import type { AddressInfo } from 'node:net'
import passport from 'passport'
import { FailureFilter } from './failure.filter'
import { createLoginController } from './login.controller'
import { createLoginStrategy } from './login.strategy'
import { createPageController } from './page.controller'
import { Settings } from './settings'

@Module({ imports: [PassportModule] })
class SiteModule {
  static of(site: Site): DynamicModule {
    const apps = site.apps.map((one) => ({ one, name: `tiktok-${++strategies}` }))
    return {
      module: SiteModule,
      controllers: apps.flatMap(({ one, name }) => [
        createLoginController(one, name),
        ...one.routes.map((route) => createPageController(one, route)),
      ]),
      providers: [
        { provide: Settings, useValue: new Settings(site) },
        ...(site.recordsErrors ? [{ provide: APP_FILTER, useClass: FailureFilter }] : []),
        ...apps.map(({ one, name }) => createLoginStrategy(one, name)),
      ],
    }
  }
}

let strategies = 0

passport.serializeUser((user, done) => done(null, user))
passport.deserializeUser((user: Express.User, done) => done(null, user))

/** Serves a site as Nest apps with Passport are usually made: with express-session. */
export async function serveSite(site: Site): Promise<ServedApp> {
  const server = express().enable('strict routing').enable('case sensitive routing')
  const app = await NestFactory.create<NestExpressApplication>(
    SiteModule.of(site),
    new ExpressAdapter(server),
    { logger: ['error', 'warn'], forceCloseConnections: true },
  )
  app.use((_req: Request, res: Response, next: NextFunction) => {
    for (const cookie of site.cookies) res.append('set-cookie', cookie)
    next()
  })
  const kept = keptIn(site) ?? { name: 'site.sid' }
  app.use(session({ secret: 'a secret', resave: false, saveUninitialized: false, ...kept }))
  app.use(passport.session())
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, close: async () => app.close() }
}

/** Where the case wants the session, if it cares. */
function keptIn({ apps: [one] }: Site): { name: string; store: session.Store } | undefined {
  if (one?.sessions === undefined) return undefined
  const store = Object.assign(new session.MemoryStore(), callbackStore(one.sessions))
  return { name: one.sessions.cookieName, store }
}
