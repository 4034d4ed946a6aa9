// Compiled against the types of Express 5 and of Express 4: nothing here may need a cast.
// oxlint-disable import/default -- the linter follows `paths` to declarations only
import express, { Router, type Request } from 'express'
import { tiktokAuth, type ExpressTikTokAuthOptions, type TikTokMiddleware } from '../../src/index.ts'

declare const options: ExpressTikTokAuthOptions

const app = express()
const router = Router()
const tiktok: TikTokMiddleware = tiktokAuth({
  ...options,
  session: { identify: async (req) => req.get('x-user') },
  onStart: (req) => ({ bind: req.ip ?? '', data: req.query }),
  onLogin: async (login, req, res) => {
    res.cookie('name', login.user?.displayName ?? req.path)
  },
  onError: (_error, _req, res) => {
    res.sendStatus(500)
  },
})

app.use(tiktok)
app.use('/prefix', tiktok)
router.use(tiktok, tiktok.requireLogin())

app.get('/plain', (req, res) => {
  const openId: string | undefined = req.tiktok.openId
  res.json({ openId, scope: req.tiktok.scope })
})
app.get(
  '/videos/:id',
  tiktok.requireLogin({ scope: ['video.list'] }),
  tiktok.handler(async (req, res) => {
    const reply: Response = await req.tiktok.fetch(`/v2/video/query/?id=${String(req.params['id'])}`)
    res.status(reply.status).json(await reply.json())
  }),
)
router.post(
  '/leave',
  tiktok.handler(async (req: Request, res, next) => {
    const { remote } = await tiktok.of(req).disconnect()
    if (remote === 'failed') return next()
    res.end()
  }),
)
app.use(router, tiktok.recover())
