import { fileURLToPath } from 'node:url'

export { errorPage, type ErrorPage } from './error-page.ts'
export type { DemoLinks, PageFrame } from './layout.ts'
export { loginPage, type LoginPage } from './login-page.ts'
export { pageHeaders } from './page-headers.ts'
export { profilePage, videoListRequest, videosOf, type ProfilePage, type VideoView } from './profile-page.ts'
export { renewNow } from './renew.ts'
export { pageResponse, seeOther } from './responses.ts'
export { readSettings, type Settings } from './settings.ts'

/** The folder with the style sheet, the script and the icon, to be served at `/`. */
export const publicFolder: string = fileURLToPath(new URL('../public', import.meta.url))
