import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import * as view from '@tiktok-auth/example-view'
import type { NextFunction, Request, Response } from 'express'
import session from 'express-session'
import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import passport from 'passport'
import { AppModule } from './app.module'
import { Settings, type Options } from './settings'
import type { User } from './tiktok-login.strategy'

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export async function createApp(options: Options, demo?: view.DemoLinks): Promise<RequestListener> {
  const module = AppModule.with(new Settings(options, demo))
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: ['error', 'warn'] })
  app.use((_req: Request, res: Response, next: NextFunction) => {
    res.set(view.pageHeaders)
    next()
  })
  app.useStaticAssets(view.publicFolder)
  const secret = randomBytes(32).toString('hex')
  app.use(session({ secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }))
  app.use(passport.session())
  passport.serializeUser((user, done) => done(null, (user as User).openId))
  passport.deserializeUser((openId: string, done) => done(null, { openId }))
  await app.init()
  return app.getHttpAdapter().getInstance()
}
