import { Module, type DynamicModule } from '@nestjs/common'
import { PassportModule } from '@nestjs/passport'
import { AppController } from './app.controller'
import { Settings } from './settings'
import { TikTokLogin } from './tiktok-login.strategy'

@Module({
  imports: [PassportModule],
  controllers: [AppController],
  providers: [TikTokLogin],
})
export class AppModule {
  /** The app with these settings. */
  static with(settings: Settings): DynamicModule {
    return { module: AppModule, providers: [{ provide: Settings, useValue: settings }] }
  }
}
