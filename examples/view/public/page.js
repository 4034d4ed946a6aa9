// Lets the token live: counts down, asks now and then how it stands, and says when it has been renewed.
const card = document.querySelector('[data-token]')
if (card) {
  const clock = card.querySelector('[data-clock]')
  const health = card.querySelector('[data-health]')
  const rest = card.querySelector('[data-rest]')
  const now = card.querySelector('[data-now]')
  let lifeMs = Number(card.dataset.life)
  let endsAt = performance.now() + Number(card.dataset.left)
  let issuedAt = Number(card.dataset.issued)

  const healthTexts = {
    fresh: 'Fresh',
    due: 'Due: the next call renews it',
    over: 'Run out: the next call renews it',
  }
  const two = (value) => String(value).padStart(2, '0')
  const show = () => {
    const leftMs = Math.max(0, endsAt - performance.now())
    const seconds = Math.ceil(leftMs / 1000)
    clock.textContent = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    const state = leftMs === 0 ? 'over' : leftMs < Math.min(300_000, lifeMs / 4) ? 'due' : 'fresh'
    if (card.dataset.state !== state) {
      card.dataset.state = state
      health.textContent = healthTexts[state]
    }
    const x = 4 + (1 - leftMs / lifeMs) * 960
    rest.setAttribute('x', x)
    now.setAttribute('x1', x)
    now.setAttribute('x2', x)
  }

  const ask = async () => {
    const reply = await fetch('/token', { headers: { accept: 'application/json' } }).catch(() => undefined)
    if (reply?.status === 401) {
      location.reload()
      return
    }
    if (!reply?.ok) return
    const token = await reply.json()
    if (token.issuedAt !== issuedAt) {
      // Renewed elsewhere, by a call in another tab perhaps: the whole page may have changed with it.
      issuedAt = token.issuedAt
      card.classList.add('renewed')
      setTimeout(() => card.classList.remove('renewed'), 1500)
      for (const [index, time] of card.querySelectorAll('[data-time]').entries()) {
        time.textContent = new Date([token.issuedAt, token.expiresAt][index]).toLocaleTimeString()
      }
    }
    lifeMs = token.expiresAt - token.issuedAt
    endsAt = performance.now() + Math.max(0, token.expiresAt - token.now)
    show()
  }

  for (const time of card.querySelectorAll('[data-time]')) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString()
  }
  show()
  setInterval(show, 250)
  setInterval(() => document.hidden || ask(), 3000)
  addEventListener('focus', ask)
}

// What a notice says is true once.
if (new URLSearchParams(location.search).has('notice')) history.replaceState(null, '', location.pathname)
