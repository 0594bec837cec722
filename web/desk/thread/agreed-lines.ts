/** What was agreed, one line each; empty lines are nothing. */
export function agreedLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
