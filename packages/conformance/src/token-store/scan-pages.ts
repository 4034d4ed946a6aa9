import type { KeyPage, TokenStore } from '@tiktok-auth/core'
import { check, present } from '../check.ts'

const mostPages = 5_000

/** What a caller does while it goes from page to page. */
export interface ScanChoice {
  /** Default 100. */
  readonly limit?: number
  /** Gives the handle that is asked for the page of that number. */
  readonly handle?: (page: number) => TokenStore
  /** Runs after each page, with how many there were. */
  readonly between?: (pages: number) => Promise<void>
}

/** Asks once for a page. */
export async function onePage(
  store: TokenStore,
  query: Parameters<NonNullable<TokenStore['scan']>>[0],
): Promise<KeyPage> {
  return present('what `scan` gives', await store.scan?.(query))
}

/** Scans to the end, and gives the pages. */
export async function allPages(
  store: TokenStore,
  prefix: string,
  choice: ScanChoice = {},
): Promise<readonly (readonly string[])[]> {
  const { limit = 100, handle = () => store, between } = choice
  const pages: (readonly string[])[] = []
  let after: string | undefined
  do {
    const query = { prefix, limit, ...(after !== undefined && { after }) }
    const page = await onePage(handle(pages.length), query)
    pages.push(page.keys)
    check(pages.length < mostPages, `the scan has not ended after ${mostPages} pages`)
    after = page.next
    await between?.(pages.length)
  } while (after !== undefined)
  return pages
}

/** Scans to the end, and gives every key once. Sorted. */
export async function allKeys(
  store: TokenStore,
  prefix: string,
  choice: ScanChoice = {},
): Promise<readonly string[]> {
  return [...new Set((await allPages(store, prefix, choice)).flat())].toSorted()
}
