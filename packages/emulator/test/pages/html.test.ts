import fc from 'fast-check'
import { expect, test } from 'vitest'
import { html, markup } from '../../src/pages/html.ts'
import { readTags, unescape } from '../support/markup.ts'

test('what the template says stays, what it is given is escaped', () => {
  expect(html`<b title="${`"'`}">${'<i>&`</i>'}</b>`[markup]).toBe(
    '<b title="&quot;&#39;">&lt;i&gt;&amp;&#96;&lt;/i&gt;</b>',
  )
})

test('any text survives, in an element and in an attribute, and opens no tag', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const page = html`<p title="${text}">${text}</p>`[markup]
      const tags = readTags(page)
      expect(tags.map(({ name }) => name)).toEqual(['p', '/p'])
      expect(tags[0]?.attributes).toEqual({ title: text })
      expect(unescape(page.slice(page.indexOf('>') + 1, page.lastIndexOf('<')))).toBe(text)
    }),
  )
})

test('markup inside markup is not escaped twice, lists are joined, nothing is left of undefined and false', () => {
  const items = ['a&b', 'c'].map((item) => html`<b>${item}</b>`)
  expect(html`${items}${undefined}${false}${0}`[markup]).toBe('<b>a&amp;b</b><b>c</b>0')
})

test('an object that came as JSON cannot pose as markup', () => {
  const forged = JSON.parse('{"markup":"<script>","Symbol(markup)":"<script>"}') as string
  expect(html`${forged}`[markup]).toBe('[object Object]')
})
