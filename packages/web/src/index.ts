export { tiktokAuth } from './tiktok-auth.ts'
export { applyErrorHeaders, errorResponse } from './error-response.ts'
export type * from './options.ts'
export type { Login, LoginRequirement, RequestState } from '@tiktok-auth/core'
