import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the example of the README is the one that is compiled here', () => {
  const [readme, example] = ['../README.md', './readme-example.ts'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  )
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``)
})
