import type { FaultView } from '../views.ts'
import { escape } from './html.ts'

/** Renders the page that stands in for the callback when the app is configured wrongly. */
export function renderFaultPage(view: FaultView, _nonce?: string): string {
  return `<!doctype html><title>Something went wrong</title><h1>Something went wrong</h1>
<p>${escape(view.error)} ${escape(view.errorType ?? '')} ${escape(view.errCode ?? '')}</p>
<p>${escape(view.explanation)}</p><p>${escape(view.remedy)}</p>`
}
