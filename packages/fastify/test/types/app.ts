// Only compiled: nothing here may need a cast.
import { fastify, type FastifyInstance } from 'fastify'
import { tiktokAuth, type FastifyTikTokAuthOptions, type TikTokPlugin } from '../../src/index.ts'

declare const options: FastifyTikTokAuthOptions

export async function build(): Promise<FastifyInstance> {
  const app = fastify()
  const tiktok: TikTokPlugin = tiktokAuth({
    ...options,
    session: { identify: async (request) => request.headers['x-user']?.toString() },
    onStart: (request) => ({ bind: request.ip, data: request.query }),
    onLogin: async (login, _request, reply) => {
      if (login.user === undefined) return reply.redirect('/')
      reply.header('x-name', login.user.displayName)
      return undefined
    },
    onError: (_error, _request, reply) => reply.code(500).send(),
  })

  await app.register(tiktok)
  await app.register(tiktok, { prefix: '/prefix' })
  await app.register(tiktokAuth, options)
  await app.register(tiktokAuth, { ...options, prefix: '/other' })
  app.setErrorHandler(tiktok.recover())
  app.setErrorHandler(tiktok.recover((error, _request, reply) => reply.code(500).send(String(error))))
  app.addHook('preHandler', tiktok.requireLogin())
  app.addHook('onRequest', tiktok.requireLogin())

  app.get('/plain', async (request) => {
    const openId: string | undefined = request.tiktok.openId
    // @ts-expect-error -- it is typed
    request.tiktok.nothing()
    return { openId, scope: tiktok.of(request).scope }
  })
  const gate = { preHandler: app.tiktok.requireLogin({ scope: ['video.list'] }) }
  app.get<{ Params: { id: string } }>('/videos/:id', gate, async (request) => {
    const answer: Response = await request.tiktok.fetch(`/v2/video/query/?id=${request.params.id}`)
    return answer.json()
  })
  app.post<{ Body: { all: boolean } }>('/leave', { preHandler: [tiktok.requireLogin()] }, async (request) => {
    return request.body.all ? request.tiktok.disconnect() : request.tiktok.logout()
  })
  return app
}

export function secure(): void {
  const app = fastify({ https: {} })
  const tiktok = tiktokAuth(options)
  app.register(tiktok)
  app.get('/', { preHandler: tiktok.requireLogin() }, async (request) => request.tiktok.openId)
}
