import formbody from '@fastify/formbody'
import { prepareSite, type ServeApp, type SiteApp } from '@tiktok-auth/conformance'
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

async function fill(scope: FastifyInstance, { options, onStart, onLogin, routes }: SiteApp): Promise<void> {
  const tiktok = tiktokAuth({
    ...options,
    ...(onStart && { onStart: (request) => onStart(headerOf(request)) }),
    ...(onLogin && {
      onLogin: (login, _request, reply) => {
        return onLogin(login, ({ status, json }) => reply.code(status).send(json))
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
        const { status, json } = await handle({ state: tiktok.of(request), header: headerOf(request) })
        return reply.code(status).send(json)
      })
    }
  })
}

function headerOf(request: FastifyRequest): (name: string) => string | undefined {
  return (name) => request.headers[name]?.toString()
}
