import { expect, test } from 'vitest'
import { renderFaultPage } from '../../src/pages/fault-page.ts'
import { fault } from '../support/views.ts'

test('names the fault, the culprit, what happened and what to do', () => {
  const page = renderFaultPage(fault)
  for (const text of ['invalid_request', 'redirect_uri', '10003', fault.explanation, fault.remedy]) {
    expect(page).toContain(text)
  }
  expect(page).toContain('This page is not TikTok.')
})

test('leaves out what TikTok would not say', () => {
  const page = renderFaultPage({ ...fault, errorType: undefined, errCode: undefined })
  expect(page).not.toContain('error_type')
  expect(page).not.toContain('errCode')
  expect(page).not.toContain('undefined')
})
