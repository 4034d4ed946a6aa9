// Compiled against the types of Koa 3 and of Koa 2: nothing here may need a cast.
// oxlint-disable import/default -- the linter follows `paths` to declarations only
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import mount from 'koa-mount'
import { tiktokAuth, type KoaTikTokAuthOptions, type TikTokMiddleware } from '../../src/index.ts'

declare const options: KoaTikTokAuthOptions

const app = new Koa()
const router = new Router()
const tiktok: TikTokMiddleware = tiktokAuth({
  ...options,
  session: { identify: async (ctx) => ctx.get('x-user') },
  onStart: (ctx) => ({ bind: ctx.ip, data: ctx.query }),
  onLogin: async (login, ctx) => {
    ctx.cookies.set('name', login.user?.displayName ?? ctx.path)
  },
  onError: (_error, ctx) => {
    ctx.status = 500
  },
})

app.use(tiktok).use(tiktok.recover())
app.use(mount('/prefix', tiktok))
app.use(tiktok.requireLogin())
app.use(async (ctx, next) => {
  const openId: string | undefined = ctx.state.tiktok.openId
  // @ts-expect-error -- it is typed
  ctx.state.tiktok.nothing()
  ctx.body = { openId, scope: ctx.state.tiktok.scope }
  await next()
})

router.get('/videos/:id', tiktok.requireLogin({ scope: ['video.list'] }), async (ctx) => {
  const reply: Response = await ctx.state.tiktok.fetch(`/v2/video/query/?id=${String(ctx.params['id'])}`)
  ctx.status = reply.status
  ctx.body = await reply.json()
})
router.post('/leave', async (ctx) => {
  const { remote } = await tiktok.of(ctx).disconnect()
  ctx.body = remote
})
app.use(router.routes())

async function named(ctx: Context): Promise<string> {
  return ctx.state.tiktok.accessToken()
}
app.use(async (ctx) => {
  ctx.body = await named(ctx)
})

// An app with a state of its own.
interface State {
  user?: string
}
const typed = new Koa<State>()
typed.use(tiktok).use(tiktok.requireLogin())
typed.use(async (ctx) => {
  ctx.body = [ctx.state.user, tiktok.of(ctx).openId]
})
const typedRouter = new Router<State>()
typedRouter.get('/', tiktok.requireLogin(), async (ctx) => {
  ctx.body = [ctx.state.user, ctx.state.tiktok.openId]
})
