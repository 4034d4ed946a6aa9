/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return (at(sorted, Math.ceil(middle) - 1) + at(sorted, Math.floor(middle))) / 2
}

/** @param {readonly number[]} numbers @param {number} index */
function at(numbers, index) {
  const number = numbers[index]
  if (number === undefined) throw new Error('there is nothing to take a median of')
  return number
}

/**
 * The order of a round: everybody takes every place equally often, so that warmth and noise favour nobody.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {number} round
 */
export function rotated(items, round) {
  const first = round % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}
