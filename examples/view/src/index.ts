import { fileURLToPath } from 'node:url'

export { errorPage, type ErrorPage } from './error-page.ts'
export type { DemoLinks, PageFrame } from './layout.ts'
export { loginPage, type LoginPage } from './login-page.ts'
export { profilePage, videoListRequest, videosOf, type ProfilePage, type VideoView } from './profile-page.ts'

/** The folder with the style sheet, the script and the icon, to be served at `/`. */
export const publicFolder: string = fileURLToPath(new URL('../public', import.meta.url))

/** Headers for every page. Pictures may come from TikTok's servers, or from the emulator's. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data: https: http://127.0.0.1:* http://localhost:*; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}
