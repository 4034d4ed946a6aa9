import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import session, { type FastifySessionObject } from '@fastify/session'
import {
  prepareSite,
  type ServeApp,
  type SiteApp,
  type SiteRequest,
  type SiteSession,
} from '@tiktok-auth/conformance'
import { callbackStore } from '@tiktok-auth/test-rig'
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'
import { tiktokAuth } from '../../src/index.ts'
import { listen } from './rig.ts'

/** Serves the sites of conformance cases with Fastify. */
export const serveSite: ServeApp = async (setup) => {
  const site = prepareSite(setup)
  const app = fastify()
  app.addHook('onRequest', async (_request, reply) => {
    for (const cookie of site.cookies) reply.header('set-cookie', cookie)
  })
  if (site.recordsErrors) {
    app.setErrorHandler((error, _request, reply) => {
      const { status, json } = site.failed(error)
      return reply.code(status).send(json)
    })
  }
  for (const one of site.apps) {
    app.register(async (scope) => fill(scope, one), { prefix: one.mountPath })
  }
  const { port, close } = await listen(app)
  return { origin: `http://127.0.0.1:${port}`, close }
}

async function fill(scope: FastifyInstance, app: SiteApp): Promise<void> {
  const { options, onStart, onLogin, identify, sessions, routes } = app
  if (sessions !== undefined) {
    await scope.register(cookie)
    await scope.register(session, {
      secret: 'a secret that is long enough for it',
      store: callbackStore<FastifySessionObject>(sessions),
      cookieName: sessions.cookieName,
      saveUninitialized: false,
      cookie: { secure: false },
    })
  }
  const tiktok = tiktokAuth({
    ...options,
    ...(identify && { session: { identify: (request: FastifyRequest) => identify(broughtBy(request)) } }),
    ...(onStart && { onStart: (request) => onStart(headerOf(request)) }),
    ...(onLogin && {
      onLogin: (login, request, reply) => {
        return onLogin(login, ({ status, json }) => reply.code(status).send(json), broughtBy(request).session)
      },
    }),
  })
  await scope.register(tiktok)
  scope.setErrorHandler(tiktok.recover())
  await scope.register(async (pages) => {
    // The pages take forms; the plugin's own routes do so without a parser.
    await pages.register(formbody)
    for (const { method, path, requireLogin, handle } of routes) {
      const gate = requireLogin === undefined ? [] : [tiktok.requireLogin(requireLogin)]
      pages[method](path, { preHandler: gate }, async (request, reply) => {
        const { status, json } = await handle({ state: tiktok.of(request), ...broughtBy(request) })
        return reply.code(status).send(json)
      })
    }
  })
}

function headerOf(request: FastifyRequest): (name: string) => string | undefined {
  return (name) => request.headers[name]?.toString()
}

function broughtBy(request: FastifyRequest): Omit<SiteRequest, 'state'> {
  return { header: headerOf(request), ...('session' in request && { session: sessionOf(request) }) }
}

/** The session of the app's own, begun as the README says. */
function sessionOf(request: FastifyRequest): SiteSession {
  return {
    read: (name) => Reflect.get(request.session, name) as string | undefined,
    write: (name, value) => void Reflect.set(request.session, name, value),
    async begin(content) {
      await request.session.regenerate()
      Object.assign(request.session, content)
      await request.session.save()
    },
  }
}
