import formbody from '@fastify/formbody'
import fastifyStatic from '@fastify/static'
import { isTikTokAuthError } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import { tiktokAuth, type FastifyTikTokAuthOptions } from '@tiktok-auth/fastify'
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'

const scope = ['user.info.basic', 'user.info.stats', 'video.list']

type Page = { Querystring: { notice?: string } }

/** The example app. `demo` says where the emulator's dashboard is, when there is one. */
export async function createApp(
  options: FastifyTikTokAuthOptions,
  demo?: view.DemoLinks,
): Promise<FastifyInstance> {
  const app = fastify()
  const tiktok = tiktokAuth({ scope, ...options })
  const page = { framework: 'Fastify', loginUrl: '/auth/tiktok?returnTo=/profile', demo }
  const now = options.now ?? Date.now

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(view.pageHeaders)
  })
  await app.register(fastifyStatic, { root: view.publicFolder, cacheControl: false })
  await app.register(formbody)
  await app.register(tiktok)
  app.setErrorHandler(
    tiktok.recover((error, _request, reply) => {
      reply.code(isTikTokAuthError(error) ? error.status : 500).type('text/html')
      return reply.send(view.errorPage({ ...page, error }))
    }),
  )

  app.get<Page>('/', async (request, reply) => {
    if (request.tiktok.openId !== undefined) return reply.redirect('/profile')
    return reply.type('text/html').send(view.loginPage({ ...page, notice: request.query.notice }))
  })

  app.get<Page>('/profile', { preHandler: tiktok.requireLogin() }, async (request, reply) => {
    return reply.type('text/html').send(await profile(request, request.query))
  })

  const videos = { preHandler: tiktok.requireLogin({ scope: ['video.list'] }) }
  app.get('/videos', videos, async (request, reply) => {
    const answer = await request.tiktok.fetch('/v2/video/list/?fields=id,title', view.videoListRequest)
    const list = view.videosOf(await answer.json())
    return reply.type('text/html').send(await profile(request, { videos: list }))
  })

  app.get('/token', { preHandler: tiktok.requireLogin() }, async (request) => {
    return { ...(await request.tiktok.status()), now: now() }
  })

  app.post('/refresh', { preHandler: tiktok.requireLogin() }, async (request, reply) => {
    return reply.redirect(`/profile?notice=${await view.renewNow(tiktok.tokens, request.tiktok.openId)}`, 303)
  })

  async function profile(
    request: FastifyRequest,
    more: { notice?: string; videos?: readonly view.VideoView[] },
  ): Promise<string> {
    const user = await request.tiktok.userInfo()
    const grant = await request.tiktok.status()
    return view.profilePage({ ...page, user, grant, ...more, wanted: scope, now: now() })
  }

  return app
}
