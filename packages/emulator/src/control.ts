import type { PendingConsents } from './consent.ts'
import { readFault } from './control-fault.ts'
import { decide } from './decide.ts'
import { answerRedirect } from './html-answer.ts'
import { removeApp } from './remove-app.ts'
import { requiredScope } from './scopes.ts'
import type { Answer, WireRequest } from './wire.ts'
import type { World } from './world.ts'

type Form = URLSearchParams

/** What a control needs besides its form. */
interface Room {
  readonly world: World
  readonly pending: PendingConsents
}

const controls: Readonly<Record<string, (form: Form, room: Room) => Answer | undefined>> = {
  '/_emulator/consent': submitConsent,
  '/_emulator/clock': (form, { world }) => {
    const text = form.get('advanceMs') ?? ''
    if (!/^\d{1,15}$/.test(text))
      throw new RangeError('advanceMs: give whole milliseconds that are not negative')
    world.clock.advance(Number(text))
    return undefined
  },
  '/_emulator/faults': (form, { world }) => {
    const { endpoint, fault, repeats } = readFault(form)
    world.faults[repeats ? 'always' : 'next'](endpoint, fault)
    return undefined
  },
  '/_emulator/faults/clear': (_form, { world }) => {
    world.faults.clear()
    return undefined
  },
  '/_emulator/remove-app': (form, { world }) => {
    removeApp(form.get('user') ?? '', form.get('clientKey') ?? '', world)
    return undefined
  },
  '/_emulator/users': (form, { world }) => {
    const username = form.get('username')?.trim()
    world.users.add({ displayName: form.get('displayName')?.trim() ?? '', ...(username && { username }) })
    return undefined
  },
}

/** Serves a form of the dashboard or of the consent page. Answers JSON to who asks for it, a page change otherwise. */
export function control(request: WireRequest, world: World, pending: PendingConsents): Answer {
  const submit = controls[request.url.pathname]
  if (submit === undefined) return refuse(request, 404, 'The emulator has no such control.')
  try {
    const answer = submit(new URLSearchParams(request.body), { world, pending })
    if (answer !== undefined) return answer
    return wantsJson(request) ? { status: 200, outcome: 'ok', json: { ok: true } } : answerRedirect('/', 'ok')
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return refuse(request, 400, error.message)
    throw error
  }
}

function wantsJson({ headers }: WireRequest): boolean {
  return (headers.get('accept') ?? '').includes('application/json')
}

function refuse(request: WireRequest, status: number, message: string): Answer {
  if (wantsJson(request)) return { status, outcome: 'refused', json: { error: message } }
  return {
    status,
    outcome: 'refused',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    text: `${message}\n`,
  }
}

function submitConsent(form: Form, { world, pending }: Room): Answer {
  const request = pending.find(form.get('request') ?? '')
  if (request === undefined) throw new RangeError('This consent page is out of date. Start the login again.')
  if (form.get('decision') !== 'allow') {
    const callback = decide(request, { user: undefined, scope: undefined }, world)
    return answerRedirect(callback.location, callback.outcome)
  }
  const user = world.users.find(form.get('user') ?? '')
  if (user === undefined) throw new RangeError('Choose who signs in.')
  const ticked = new Set([requiredScope, ...form.getAll('scope')])
  const scope = request.scope.filter((name) => ticked.has(name))
  if (scope.length === 0) throw new RangeError('Leave at least one scope ticked, or cancel.')
  const callback = decide(request, { user, scope }, world)
  return answerRedirect(callback.location, callback.outcome, { 'set-cookie': world.signIns.start(user.id) })
}
