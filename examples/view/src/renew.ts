import { isTikTokAuthError, type TokenManager } from '@tiktok-auth/core'

/**
 * Renews a user's token now, for the button on the profile page; gives the notice to show.
 *
 * Apps never need this: tokens are renewed by use. A token under a minute old is not forced.
 */
export async function renewNow(tokens: TokenManager, openId = ''): Promise<'refreshed' | 'wait'> {
  try {
    const { accessToken } = await tokens.get(openId)
    await tokens.get(openId, { refusedAccessToken: accessToken })
    return 'refreshed'
  } catch (error) {
    if (isTikTokAuthError(error) && error.code === 'refresh_pending') return 'wait'
    throw error
  }
}
