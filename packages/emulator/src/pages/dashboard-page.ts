import type { DashboardState } from '../views.ts'
import { escape } from './html.ts'

/** Renders the dashboard: the journal, users and grants, the clock and the faults. */
export function renderDashboardPage(view: DashboardState, _nonce?: string): string {
  const requests = view.requests.map(
    (one) => `<li>${escape(`${one.method} ${one.path} ${one.outcome}`)}</li>`,
  )
  return `<!doctype html><title>TikTok emulator</title><h1>TikTok emulator</h1><ol>${requests.join('\n')}</ol>`
}
