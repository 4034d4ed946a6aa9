/** The app that every server under test pretends to be. */
export const app = {
  clientKey: 'awbenchmark0key00',
  clientSecret: 'benchmark0secret0of032bytes00000',
  redirectUri: 'https://app.example/auth/tiktok/callback',
  scope: 'user.info.basic',
  /** 32 bytes, base64url; a benchmark has nothing to hide. */
  secret: 'YmVuY2htYXJrLXNlY3JldC1vZi0zMi1ieXRlcy0wMDE',
}

/** Where each server sends the browser. Nobody goes there. */
export const authorizationEndpoint = 'https://www.tiktok.com/v2/auth/authorize/'

/** The paths that the fake TikTok answers. */
export const paths = { token: '/v2/oauth/token/', userInfo: '/v2/user/info/' }

/** The basic fields, as a login asks for them. */
export const userInfoFields = 'open_id,union_id,avatar_url,avatar_url_100,avatar_large_url,display_name'
