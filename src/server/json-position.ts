/** Where JSON text is broken. V8 does not always say, so on failure the text is scanned once more, by the grammar of RFC 8259. */

/** Index of the first character that cannot stand there; the length when the text ends too early. */
export function jsonErrorPosition(text: string): number {
  const scan: Scan = { text, at: 0 }
  space(scan)
  if (!value(scan)) return scan.at
  space(scan)
  return scan.at
}

interface Scan {
  readonly text: string
  at: number
}

const blank = /[ \t\n\r]*/y
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// What is not a quote, a backslash or a control character; then escapes, each followed by such characters again.
// oxlint-disable-next-line no-control-regex -- JSON forbids raw control characters in strings
const inString = /[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*/y

function take(scan: Scan, pattern: RegExp): boolean {
  pattern.lastIndex = scan.at
  const match = pattern.exec(scan.text)
  if (match === null) return false
  scan.at += match[0].length
  return match[0].length > 0
}

function space(scan: Scan): void {
  take(scan, blank)
}

/** Moves past one value. False where it is broken, with `at` on the spot. Nesting is kept in a list, so depth cannot overflow the stack. */
function value(scan: Scan): boolean {
  const open: ('{' | '[')[] = []
  for (;;) {
    const first = scan.text[scan.at]
    if (first === '{' || first === '[') {
      scan.at++
      space(scan)
      if (scan.text[scan.at] !== (first === '{' ? '}' : ']')) {
        open.push(first)
        if (first === '{' && !key(scan)) return false
        continue
      }
      scan.at++
    } else if (first === '"' ? !string(scan) : !take(scan, literal)) return false
    if (!close(scan, open)) return false
    if (open.length === 0) return true
  }
}

/** After a value: closes what ends here, or steps to the next item. */
function close(scan: Scan, open: ('{' | '[')[]): boolean {
  for (;;) {
    const inside = open.at(-1)
    if (inside === undefined) return true
    space(scan)
    const next = scan.text[scan.at]
    if (next === ',') {
      scan.at++
      space(scan)
      return inside === '[' || key(scan)
    }
    if (next !== (inside === '{' ? '}' : ']')) return false
    scan.at++
    open.pop()
  }
}

function key(scan: Scan): boolean {
  if (!string(scan)) return false
  space(scan)
  if (scan.text[scan.at] !== ':') return false
  scan.at++
  space(scan)
  return true
}

function string(scan: Scan): boolean {
  if (scan.text[scan.at] !== '"') return false
  scan.at++
  take(scan, inString)
  if (scan.text[scan.at] !== '"') return false
  scan.at++
  return true
}
