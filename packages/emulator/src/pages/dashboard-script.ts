import { script } from './html.ts'
import type { Html } from './html.ts'

/**
 * Keeps the dashboard up to date without touching focus, scroll positions or what is being typed.
 *
 * Nothing is rendered here a second time: new parts come from a fresh copy of the page, so there is one place
 * that escapes. Only nodes that differ are replaced.
 */
export const dashboardScript: Html = script`
(() => {
  'use strict'
  const byId = (id) => document.getElementById(id)
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  let paused = false
  let shown = ''
  let lastRequest = -1
  let messageTimer = 0

  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh)) return
    if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh)
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue
      return
    }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name)
    for (const { name, value } of fresh.attributes) old.setAttribute(name, value)
    morphChildren(old, fresh)
  }

  // Children with an id are matched by it, so a row that stays is the same node as before, wherever it stands.
  const morphChildren = (old, fresh) => {
    const wanted = new Set([...fresh.children].map((child) => child.id))
    const keyed = new Map()
    for (const child of [...old.children]) {
      if (child.id && !wanted.has(child.id)) child.remove()
      else if (child.id) keyed.set(child.id, child)
    }
    let place = old.firstChild
    for (const next of [...fresh.childNodes]) {
      const alike = place && !place.id && place.nodeName === next.nodeName ? place : undefined
      const match = next.id ? keyed.get(next.id) : alike
      if (!match) {
        old.insertBefore(next, place)
        continue
      }
      if (match === place) place = place.nextSibling
      else old.insertBefore(match, place)
      morph(match, next)
    }
    while (place) {
      const after = place.nextSibling
      place.remove()
      place = after
    }
  }

  const say = (text) => {
    byId('message').textContent = text
    clearTimeout(messageTimer)
    messageTimer = setTimeout(() => (byId('message').textContent = ''), 6000)
  }

  const connection = (text, verdict) => {
    if (byId('connection').textContent === text) return
    byId('connection').textContent = text
    byId('connection').className = 'chip ' + verdict
  }

  const show = (text) => {
    // Without the head: its style carries another nonce, and this page's policy would report it.
    const fresh = new DOMParser().parseFromString(text.slice(text.indexOf('<body')), 'text/html')
    for (const part of document.querySelectorAll('[data-live]')) {
      const counterpart = fresh.getElementById(part.id)
      if (counterpart) morph(part, counterpart)
    }
  }

  const ask = async (url, init) => {
    const reply = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(10000), ...init })
    return { ok: reply.ok, text: await reply.text() }
  }

  const announce = (requests) => {
    const latest = requests.reduce((a, b) => (a && a.id > b.id ? a : b), undefined)
    const fresh = requests.filter(({ id }) => id > lastRequest).length
    if (lastRequest >= 0 && fresh > 0) {
      byId('news').textContent =
        fresh + (fresh === 1 ? ' new request. ' : ' new requests. ') + 'Latest: ' + latest.endpoint + ', ' + latest.outcome
    }
    lastRequest = latest ? latest.id : 0
  }

  const update = async () => {
    const { ok, text } = await ask('/_emulator/state')
    if (!ok) throw new Error('no state')
    const state = JSON.parse(text)
    // The clock's seconds are written here; what is left of a token is shown in minutes and renewed now and then.
    const version = JSON.stringify({ ...state, now: Math.floor(state.now / 10000) })
    const clock = document.querySelector('#clock-live .clock-time')
    if (clock) clock.textContent = new Date(state.now).toISOString().slice(11, 19)
    if (version === shown) return
    const page = await ask(location.pathname)
    if (!page.ok) throw new Error('no page')
    show(page.text)
    shown = version
    announce(state.requests)
  }

  const submit = async (form, submitter) => {
    const section = form.closest('section')
    const body = new URLSearchParams(new FormData(form, submitter))
    const { ok, text } = await ask(form.action, { method: 'POST', body })
    if (!ok) return say('The emulator refused: ' + text.slice(0, 200))
    show(text)
    if ('reset' in form.dataset) form.reset()
    // What was pressed may be gone now; the next press of Tab goes on from here, not from the top.
    if (document.activeElement === document.body) section.querySelector('h2').focus({ preventScroll: true })
    say(form.dataset.done)
  }

  document.addEventListener('submit', (event) => {
    event.preventDefault()
    submit(event.target, event.submitter).catch(() => say('The emulator did not answer.'))
  })

  byId('pause').addEventListener('click', () => {
    paused = !paused
    byId('pause').setAttribute('aria-pressed', String(paused))
    connection(paused ? 'Paused' : 'Live', paused ? '' : 'fine')
  })

  const run = async () => {
    for (;;) {
      if (!paused && !document.hidden) {
        await update().then(
          () => !paused && connection('Live', 'fine'),
          () => !paused && connection('Not reachable', 'failed'),
        )
      }
      await wait(1000)
    }
  }

  document.documentElement.classList.add('has-script')
  run()
})()
`
