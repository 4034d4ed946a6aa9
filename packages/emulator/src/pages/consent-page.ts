import type { ConsentView } from '../views.ts'
import { escape } from './html.ts'

/** Renders the page on which a person grants scopes or cancels. */
export function renderConsentPage(view: ConsentView, _nonce?: string): string {
  const users = view.users.map((user) => {
    const checked = user.id === view.selectedUserId ? ' checked' : ''
    return `<label><input type="radio" name="user" value="${escape(user.id)}"${checked}> ${escape(user.displayName)}</label><br>`
  })
  const scopes = view.scopes.map((scope) => {
    const marks = `${scope.checked ? ' checked' : ''}${scope.required ? ' disabled' : ''}`
    return `<label><input type="checkbox" name="scope" value="${escape(scope.name)}"${marks}> ${escape(scope.title)}</label><br>`
  })
  return `<!doctype html><title>${escape(view.app.name)}</title><h1>${escape(view.app.name)}</h1>
<form method="post" action="/_emulator/consent"><input type="hidden" name="request" value="${escape(view.requestId)}">
${users.join('\n')}${scopes.join('\n')}
<button name="decision" value="allow">Continue</button> <button name="decision" value="cancel">Cancel</button></form>`
}
