import { Injectable, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common'
import { AuthGuard } from '@nestjs/passport'
import type { Request } from 'express'

/** Sends the browser to TikTok, and takes it back. */
@Injectable()
export class TikTokGuard extends AuthGuard('tiktok') {
  override handleRequest<User>(
    error: Error | null,
    user: User | false,
    info?: { readonly error?: Error },
  ): User {
    // A login that was cancelled, or is not this browser's, comes with a typed error.
    if (!user) throw error ?? info?.error ?? new UnauthorizedException()
    return user
  }
}

/** Lets those in who are signed in. */
@Injectable()
export class SignedInGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest<Request>().user) return true
    throw new UnauthorizedException()
  }
}
