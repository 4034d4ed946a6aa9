import { expect, test } from 'vitest'
import { renderConsentPage } from '../../src/pages/consent-page.ts'
import { fieldsOf, readTags } from '../support/markup.ts'
import { consent } from '../support/views.ts'

const page = renderConsentPage(consent)
const inputs = readTags(page).filter(({ name }) => name === 'input')

test('its form posts the request, a user, scopes and a decision', () => {
  expect(fieldsOf(page, '/_emulator/consent')).toEqual([
    'request=request-1',
    'user=mia',
    'user=noor',
    'scope=user.info.basic',
    'scope=video.list',
    'scope=video.publish',
    'decision=allow',
    'decision=cancel',
  ])
})

test('allowing comes first in the form, so Enter continues', () => {
  expect(page.indexOf('value="allow"')).toBeLessThan(page.indexOf('value="cancel"'))
})

test('one user is chosen, and what is ticked is ticked', () => {
  const checked = inputs.filter(({ attributes }) => 'checked' in attributes)
  expect(checked.map(({ attributes }) => attributes['value'])).toEqual(['noor', 'video.list'])
})

test('without a known user chosen, the first one is', () => {
  const tags = readTags(renderConsentPage({ ...consent, selectedUserId: 'gone' }))
  const chosen = tags.find(({ attributes }) => attributes['name'] === 'user' && 'checked' in attributes)
  expect(chosen?.attributes['value']).toBe('mia')
})

test('a required scope goes along and cannot be unticked', () => {
  const basic = inputs.filter(({ attributes }) => attributes['value'] === 'user.info.basic')
  expect(basic.map(({ attributes }) => attributes['type'])).toEqual(['hidden'])
  expect(page).toContain('Always shared')
})

test('every choice stands in a label, and every scope names its description', () => {
  for (const type of ['radio', 'checkbox']) {
    for (const { index } of page.matchAll(new RegExp(`type="${type}"`, 'g'))) {
      expect(page.lastIndexOf('<label', index)).toBeGreaterThan(page.lastIndexOf('</label>', index))
    }
  }
  const described = inputs
    .map(({ attributes }) => attributes['aria-describedby'])
    .filter((id) => id !== undefined)
  expect(described).toHaveLength(2)
  for (const id of described) expect(page).toContain(`id="${id}"`)
})

test('says that it is not TikTok, and whether the app is a sandbox app', () => {
  expect(page).toContain('This page is not TikTok.')
  expect(page).toContain('Sandbox app')
  expect(renderConsentPage({ ...consent, app: { ...consent.app, sandbox: false } })).not.toContain(
    'Sandbox app',
  )
})

test('with nobody to sign in as, it says what to do and lets one cancel only', () => {
  const empty = renderConsentPage({ ...consent, users: [] })
  expect(empty).toContain('Add a user on the <a href="/_emulator/#people">dashboard</a>')
  const buttons = readTags(empty).filter(({ name }) => name === 'button')
  expect(buttons.map(({ attributes }) => 'disabled' in attributes)).toEqual([true, false])
})
