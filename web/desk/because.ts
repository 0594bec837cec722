/** Why, as the app wrote it (half a sentence), made a whole half: “because this is an angry customer of value”. */
export function becauseWords(because: string): string {
  return /^(?:an?|the (?:first|second|third)) /i.test(because) ? `because this is ${because}` : /^because /i.test(because) ? because : `because ${because}`
}
