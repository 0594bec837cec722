/** A number of so many digits in what a customer wrote, as text. Spaces and dashes within it do not count. */

const run = /(?<![\p{L}\d]|\d[.,:/])\d(?:[ \u00a0-]?\d)*(?![.,:/]?\d|\p{L})/gu
const date = /\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}-\d{1,2}-\d{4}\b/g

/**
 * The digits, where the text has them once; the last of a longer number where there is one such number and none that fits.
 * @example
 * readDigits('it ends in 48 21', 4) // '4821'
 * readDigits('4111 1111 1111 4821', 4) // '4821'
 */
export function readDigits(text: string, length: number): string | undefined {
  const found = numbersIn(text)
  const fitting = new Set(found.filter((number) => number.digits.length === length).map(({ digits }) => digits))
  if (fitting.size > 0) return fitting.size === 1 ? [...fitting][0] : undefined
  const longer = found.filter((number) => number.digits.length > length)
  const [only] = longer
  // “1234 5678” is two numbers of four digits as much as one of eight.
  const isTwo = only !== undefined && only.groups.length === 2 && only.groups.every((group) => group.length === length)
  return longer.length === 1 && only !== undefined && !isTwo ? only.digits.slice(-length) : undefined
}

/** The digits of a text that says much else: a number of just so many, and no other that long or longer. */
export function readLoneDigits(text: string, length: number): string | undefined {
  const found = numbersIn(text.replaceAll(/[€$£¥]\s?[\d.,]+|[\d.,]+\s?[€$£¥]/g, ' ')).filter(({ digits }) => digits.length >= length)
  return found.length === 1 && found[0]?.digits.length === length ? found[0].digits : undefined
}

function numbersIn(text: string): { readonly digits: string; readonly groups: readonly string[] }[] {
  return [...text.replaceAll(date, ' ').matchAll(run)].map(([found]) => {
    const groups = found.split(/[ \u00a0-]/)
    return { digits: groups.join(''), groups }
  })
}
