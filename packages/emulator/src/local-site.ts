import { serveAvatar } from './avatar.ts'
import type { PendingConsents } from './consent.ts'
import { control } from './control.ts'
import { describeDashboard } from './dashboard-state.ts'
import { answerPage } from './html-answer.ts'
import { renderDashboardPage } from './pages/dashboard-page.ts'
import { findTrespass } from './same-origin.ts'
import { toReply } from './wire.ts'
import type { Answer, JsonObject, WireReply, WireRequest } from './wire.ts'
import type { World } from './world.ts'

const avatarPath = /^\/_emulator\/avatars\/([^/]+)\.svg$/
const dashboardPaths = new Set(['/', '/_emulator', '/_emulator/'])

/** Tells whether a path is the emulator's own, rather than one of TikTok's. */
export function isLocalPath(path: string): boolean {
  return dashboardPaths.has(path) || path.startsWith('/_emulator/')
}

/** Serves the dashboard, its controls, the consent form and avatars. Not in the journal: this is not TikTok. */
export async function serveLocal(
  request: WireRequest,
  world: World,
  pending: PendingConsents,
): Promise<WireReply> {
  return toReply(answerLocal(request, world, pending))
}

function answerLocal(request: WireRequest, world: World, pending: PendingConsents): Answer {
  const { method, url } = request
  const avatar = avatarPath.exec(url.pathname)?.[1]
  if (avatar !== undefined && isRead(method)) return serveAvatar(world.users.find(decode(avatar)))
  const trespass = findTrespass(request)
  if (trespass !== undefined) return plain(403, 'refused', trespass)
  if (method === 'POST') return control(request, world, pending)
  if (!isRead(method)) return plain(405, 'method_not_allowed', 'Use GET or POST.')
  if (url.pathname === '/_emulator/state') {
    const state: JsonObject = JSON.parse(JSON.stringify(describeDashboard(world)))
    return { status: 200, outcome: 'ok', json: state }
  }
  if (!dashboardPaths.has(url.pathname)) return plain(404, 'not_found', 'The emulator has no such page.')
  return answerPage((nonce) => renderDashboardPage(describeDashboard(world), nonce), { outcome: 'ok' })
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function plain(status: number, outcome: string, text: string): Answer {
  return { status, outcome, headers: { 'content-type': 'text/plain; charset=utf-8' }, text: `${text}\n` }
}
