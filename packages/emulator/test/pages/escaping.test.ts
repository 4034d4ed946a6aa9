import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderConsentPage } from '../../src/pages/consent-page.ts'
import { renderDashboardPage } from '../../src/pages/dashboard-page.ts'
import { renderFaultPage } from '../../src/pages/fault-page.ts'
import { outline } from '../support/markup.ts'
import { consent, dashboard, fault, withEveryText } from '../support/views.ts'

const pages: readonly (readonly [string, (suffix: string) => string])[] = [
  ['consent page', (suffix) => renderConsentPage(withEveryText(consent, suffix), `nonce${suffix}`)],
  ['fault page', (suffix) => renderFaultPage(withEveryText(fault, suffix), `nonce${suffix}`)],
  ['dashboard', (suffix) => renderDashboardPage(withEveryText(dashboard, suffix), `nonce${suffix}`)],
]

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '` onmouseover=alert(1) `',
  '</title></style></script><svg onload=alert(1)>',
  '<!--',
  '-->',
  '&lt;b&gt; &#60;b&#62; &amp;',
  '${html`<b>`}',
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '\u0000\u202e\u2028\uD800\r\n\t',
]

describe.each(pages)('%s', (_name, render) => {
  const expected = outline(render('x'))

  test.each(hostile)('has the same outline with %j in every field', (text) => {
    expect(outline(render(text))).toEqual(expected)
  })

  test('has the same outline whatever its fields say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(outline(render(text))).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  test('asks for nothing from elsewhere', () => {
    const page = render('x')
    // Not even the pictures of users: the views name some on another host.
    expect(page).not.toMatch(/<(img|iframe|object|embed|base)\b|@import|url\(/)
    expect(page.match(/<link [^>]*>/g)).toEqual(['<link rel="icon" href="data:," />'])
    expect(page).not.toMatch(/ (src|style|on[a-z]+)=/)
  })

  test('carries the nonce on its style and its script, and none when it is given none', () => {
    expect(
      render('x')
        .match(/<(style|script)[^>]*>/g)
        ?.every((tag) => tag.endsWith(' nonce="noncex">')),
    ).toBe(true)
    expect(renderFaultPage(fault)).toContain('<style>')
  })
})
