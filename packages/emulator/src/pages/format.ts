import { html } from './html.ts'
import type { Html } from './html.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const earliest = -8.64e15
const latest = 8.64e15

/** Writes a duration in its two largest units: `1 h 59 min`, `179 d 23 h`, `under a minute`. */
export function formatDuration(durationMs: number): string {
  const [days, hours, minutes] = [
    Math.floor(durationMs / day),
    Math.floor((durationMs % day) / hour),
    Math.floor((durationMs % hour) / minute),
  ]
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`
  return minutes > 0 ? `${minutes} min` : 'under a minute'
}

function iso(at: number): string {
  return Number.isFinite(at) ? new Date(Math.min(latest, Math.max(earliest, at))).toISOString() : ''
}

/** Writes an instant as a day and a time of day, UTC. */
export function renderInstant(at: number): Html {
  const text = iso(at)
  const [date = '', time = ''] = text.split('T')
  return html`<time datetime="${text}"
    ><span class="date">${date}</span> <span class="clock-time">${time.slice(0, 8)}</span></time
  >`
}
