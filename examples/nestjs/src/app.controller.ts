import {
  Controller,
  Get,
  Header,
  Post,
  Query,
  Redirect,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import { userInfoFieldsFor, type TokenManager } from '@tiktok-auth/core'
import * as view from '@tiktok-auth/example-view'
import type { TikTokAuthInfo } from '@tiktok-auth/passport-tiktok'
import type { Request, Response } from 'express'
import { ErrorPageFilter } from './error-page.filter'
import { SignedInGuard, TikTokGuard } from './guards'
import { Settings } from './settings'
import { scope, TikTokLogin, type User } from './tiktok-login.strategy'

type SignedIn = Request & { readonly user: User; readonly authInfo?: TikTokAuthInfo }

@Controller()
@UseFilters(ErrorPageFilter)
export class AppController {
  private readonly tokens: TokenManager

  constructor(
    private readonly tiktok: TikTokLogin,
    private readonly settings: Settings,
  ) {
    this.tokens = tiktok.tokens!
  }

  @Get('auth/tiktok')
  @UseGuards(TikTokGuard)
  login(): void {}

  @Get('auth/tiktok/callback')
  @UseGuards(TikTokGuard)
  @Redirect()
  async callback(@Req() req: SignedIn) {
    // A new session, so that one planted before the login is worth nothing afterwards.
    await new Promise<void>((resolve, reject) => {
      req.logIn(req.user, (error: unknown) => (error ? reject(error) : resolve()))
    })
    return { url: req.authInfo?.returnTo ?? '/', statusCode: 303 }
  }

  @Post('auth/tiktok/logout')
  @Redirect('/?notice=logged-out', 303)
  async logout(@Req() req: Request): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      req.logout((error: unknown) => (error ? reject(error) : resolve()))
    })
  }

  @Post('auth/tiktok/disconnect')
  @UseGuards(SignedInGuard)
  @Redirect('/?notice=disconnected', 303)
  async disconnect(@Req() req: SignedIn): Promise<void> {
    await this.tokens.revoke(req.user.openId)
    await this.logout(req)
  }

  @Get()
  start(@Req() req: Request, @Res() res: Response, @Query('notice') notice?: string): void {
    if (req.user) res.redirect('/profile')
    else res.send(view.loginPage({ ...this.page(), notice }))
  }

  @Get('profile')
  @UseGuards(SignedInGuard)
  @Header('content-type', 'text/html')
  async profile(@Req() { user }: SignedIn, @Query('notice') notice?: string): Promise<string> {
    return this.show(user, { notice })
  }

  @Get('videos')
  @UseGuards(SignedInGuard)
  @Header('content-type', 'text/html')
  async videos(@Req() { user }: SignedIn): Promise<string> {
    const reply = await this.tokens.fetch(
      user.openId,
      '/v2/video/list/?fields=id,title',
      view.videoListRequest,
    )
    return this.show(user, { videos: view.videosOf(await reply.json()) })
  }

  @Get('token')
  @UseGuards(SignedInGuard)
  async token(@Req() { user }: SignedIn) {
    return { ...(await this.tokens.status(user.openId)), now: this.now() }
  }

  @Post('refresh')
  @UseGuards(SignedInGuard)
  @Redirect()
  async refresh(@Req() { user: { openId } }: SignedIn) {
    return { url: `/profile?notice=${await view.renewNow(this.tokens, openId)}`, statusCode: 303 }
  }

  private async show({ openId }: User, more: object): Promise<string> {
    const tokenSet = await this.tokens.get(openId)
    const user = await this.tiktok.client.userInfo(tokenSet.accessToken, userInfoFieldsFor(tokenSet.scope))
    const grant = await this.tokens.status(openId)
    return view.profilePage({ ...this.page(), user, grant, ...more, wanted: scope, now: this.now() })
  }

  private page(): view.PageFrame & { loginUrl: string } {
    return { framework: 'NestJS', loginUrl: '/auth/tiktok?returnTo=/profile', demo: this.settings.demo }
  }

  private now(): number {
    return (this.settings.tiktok.now ?? Date.now)()
  }
}
