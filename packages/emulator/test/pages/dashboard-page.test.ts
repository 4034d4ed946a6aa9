import { expect, test } from 'vitest'
import { renderDashboardPage } from '../../src/pages/dashboard-page.ts'
import type { RequestView } from '../../src/views.ts'
import { fieldsOf, readTags } from '../support/markup.ts'
import { dashboard, emptyDashboard, now, request } from '../support/views.ts'

const page = renderDashboardPage(dashboard)

function row(id: number, requests: readonly RequestView[]): string {
  const text = renderDashboardPage({ ...dashboard, requests })
  const start = text.indexOf(`id="request-${id}"`)
  return text.slice(start, text.indexOf('</tr>', start)).replaceAll(/\s+/g, ' ')
}

test('the clock can be moved forward by four steps', () => {
  const steps = ['60000', '7200000', '86400000', '15552000000'].map((ms) => `advanceMs=${ms}`)
  expect(fieldsOf(page, '/_emulator/clock')).toEqual(steps)
  expect(page).toContain('2 h ahead of this machine’s clock.')
})

test('every kind of fault can be injected at every endpoint', () => {
  const options = readTags(page).filter(({ name }) => name === 'option')
  expect(options.map(({ attributes }) => attributes['value'])).toEqual(
    ['token', 'revoke', 'user_info', 'api', 'authorize', '', 'authorization_code'].concat(
      ['refresh_token', 'client_credentials'],
      ['drop_before', 'drop_after', 'delay', 'trickle', 'status', 'html', 'truncated', 'empty', 'oversized'],
      ['oauth_error', 'missing_field'],
    ),
  )
  const names = fieldsOf(page, '/_emulator/faults').map((field) => field.split('=')[0])
  expect(names).toEqual(['endpoint', 'grantType', 'kind', 'ms', 'status', 'error', 'field', 'repeats'])
})

test('pending faults are listed and can be cleared; with none there is nothing to clear', () => {
  expect(page).toContain('every time')
  expect(page).toContain('action="/_emulator/faults/clear"')
  expect(renderDashboardPage(emptyDashboard)).not.toContain('action="/_emulator/faults/clear"')
})

test('an active grant can be removed, a removed one cannot', () => {
  expect(fieldsOf(page, '/_emulator/remove-app')).toEqual(['user=mia', 'clientKey=awkey'])
})

test('a grant says what is left of its tokens', () => {
  const start = page.indexOf('id="grant-grant-1"')
  const grant = page.slice(start, page.indexOf('id="grant-grant-2"'))
  expect(grant).toContain('1 h 59 min left')
  expect(grant).toContain('Expired')
  expect(grant).toMatch(/Rotations<\/dt>\s*<dd>4</)
})

test('a user can be added', () => {
  expect(fieldsOf(page, '/_emulator/users')).toEqual(['displayName=', 'username='])
})

test('the journal starts with the latest request, in whatever order they come', () => {
  const text = renderDashboardPage({ ...dashboard, requests: [request(2), request(3), request(1)] })
  const ids = Array.from(text.matchAll(/id="request-(\d+)"/g), ([, id]) => id)
  expect(ids).toEqual(['3', '2', '1'])
})

test('a long journal shows the latest two hundred and says how many more there are', () => {
  const requests = Array.from({ length: 250 }, (_, index) => request(index + 1))
  const text = renderDashboardPage({ ...dashboard, requests })
  expect(text.match(/id="request-/g)).toHaveLength(200)
  expect(text).toContain('50 earlier requests are not shown')
})

test.each([
  ['success', {}, ['✓', 'OK 200'], ['Replay', 'Fault']],
  ['a failure at status 200', { outcome: 'invalid_grant' }, ['✗', 'Failed 200', 'invalid_grant'], ['✓']],
  ['an error status', { status: 401, outcome: 'access_token_invalid' }, ['Failed 401'], ['✓']],
  [
    'a lost reply',
    { status: undefined, outcome: 'dropped_after', fault: 'drop_after' },
    ['No reply', 'Fault: drop_after'],
    ['✓'],
  ],
  ['an unfinished request', { status: undefined, outcome: 'pending' }, ['Not answered yet'], ['✓', 'Failed']],
  ['a replay', { replay: true, outcome: 'invalid_grant' }, ['Replay'], []],
] as const)('%s is marked in words', (_name, change, present, absent) => {
  const text = row(7, [request(7, change)])
  for (const word of present) expect(text).toContain(word)
  for (const word of absent) expect(text).not.toContain(word)
})

test('a request names app and user, and what it presented', () => {
  const text = row(1, [request(1)])
  expect(text).toContain('<bdi>Scheduler</bdi> · <bdi>Mia Sommer</bdi>')
  expect(text).toMatch(/refresh<\/span> <code>a1b2c3d4/)
  expect(row(1, [request(1, { clientKey: 'stranger', userId: undefined })])).toContain('<bdi>stranger</bdi>')
})

test('empty, it says what to do next', () => {
  const text = renderDashboardPage(emptyDashboard)
  for (const hint of ['Nothing has happened yet', 'No users yet', 'No app is registered', 'None pending']) {
    expect(text).toContain(hint)
  }
  expect(text).toContain('tokenEndpoint: &#39;http://127.0.0.1:4000/v2/oauth/token/&#39;')
  expect(text).toContain('<details class="add" open>')
})

test('ids are unique, and every reference to an id has its target', () => {
  const attributes = readTags(page).map((tag) => tag.attributes)
  const ids = attributes.map(({ id }) => id).filter((id) => id !== undefined)
  expect(new Set(ids).size).toBe(ids.length)
  const references = attributes.flatMap(({ href, ...others }) => [
    others['aria-labelledby'],
    others['aria-describedby'],
    href?.startsWith('#') ? href.slice(1) : undefined,
  ])
  expect(ids).toEqual(expect.arrayContaining(references.filter((id) => id !== undefined)))
})

test('every field stands in a label', () => {
  for (const { index } of page.matchAll(/<(select|input(?! type="hidden"))\b/g)) {
    expect(page.lastIndexOf('<label', index)).toBeGreaterThan(page.lastIndexOf('</label>', index))
  }
})

test.each([
  ['/_emulator/avatars/mia.svg', '/_emulator/avatars/mia.svg'],
  ['https://pictures.example/mia', undefined],
  ['//pictures.example/_emulator/mia', undefined],
  ['javascript:alert(1)', undefined],
  ['/_emulator/\\..\\x', undefined],
])('of the picture %j it shows %j', (avatarUrl, src) => {
  const [user] = dashboard.users
  const text = renderDashboardPage({
    ...emptyDashboard,
    users: user === undefined ? [] : [{ ...user, avatarUrl }],
  })
  const picture = readTags(text).find(({ name }) => name === 'img')
  expect(picture?.attributes['src']).toBe(src)
  expect(text.includes('aria-hidden="true">M<')).toBe(src === undefined)
})

test('a clock before this machine’s is said to be behind', () => {
  expect(renderDashboardPage({ ...dashboard, now, offsetMs: -60_000 })).toContain(
    '1 min behind this machine’s clock.',
  )
})
