/**
 * What a customer's words ask of the conversation itself. Fixed rules, so that nobody has to train for them and nobody is kept from
 * a person by a model's mistake: a false alarm costs a colleague a minute, a missed one costs a customer their trust.
 */

const person = String.raw`(?:(?:real |actual |live |human )?(?:person|human(?: being)?|agent|representative|rep|advis[eo]r|operator|colleague|employee|staff(?: member)?|someone real|somebody real)s?)`
const wish = String.raw`(?:speak|talk|chat|connect(?:ed)?|transfer(?:red)?|put|pass(?:ed)?|hand(?:ed)?|escalate|get|give|want|need|like|prefer|have)`

const asking: readonly RegExp[] = [
  // speak to a person, connect me with an agent, I want a human
  new RegExp(String.raw`\b${wish}\b[^.?!]{0,40}\b${person}\b`, 'i'),
  // a person, please · human! · agent
  new RegExp(String.raw`^\W*(?:(?:a|an|the|some)\s+)?${person}(?:\s+(?:please|now|here))*\W*$`, 'i'),
  new RegExp(String.raw`\b${person}\b\W{1,3}please\b`, 'i'),
  /\b(?:speak|talk|connect(?:ed)?|put through|transfer(?:red)?)\b[^.?!]{0,12}\b(?:to|with)\s+(?:someone|somebody|anyone|anybody)\b/i,
  /\bis\s+(?:there\s+)?(?:anyone|anybody|someone)\s+(?:there|real|human)\b/i,
  /\b(?:are you|is this)\s+(?:a\s+)?(?:bot|robot|machine|ai)\b.*\b(?:person|human)\b/i,
  /\bstop\b[^.?!]{0,20}\b(?:bot|robot|machine)\b/i,
  /\b(?:no|not)\b[^.?!]{0,12}\b(?:bot|robot|machine|ai)\b/i,
]

/** The same in the languages that the widget's own button speaks, and their nearest neighbours. */
const elsewhere: readonly RegExp[] = [
  /^\W*(?:(?:einen?|eine)\s+)?(?:menschen?|mitarbeiter(?:in)?|berater(?:in)?|person)(?:\s*,?\s*bitte)?\W*$/i,
  /\b(?:mit|zu|an)\s+(?:einem|einer|einen|jemandem)\b[^.?!]{0,20}\b(?:menschen|mitarbeiter(?:in)?|berater(?:in)?|person|sprechen|reden)\b/i,
  /^\W*(?:une?\s+)?(?:personne|humain|conseill(?:er|ère)|agent)(?:\s*,?\s*s[’']il vous pla[iî]t)?\W*$/i,
  /\bparler\b[^.?!]{0,20}\b(?:personne|humain|conseill(?:er|ère)|quelqu[’']un|agent)/i,
  /^\W*(?:una?\s+)?(?:persona|humano|agente|asesora?)(?:\s*,?\s*por favor)?\W*$/i,
  /\bhablar\b[^.?!]{0,20}\b(?:persona|humano|agente|alguien|asesora?)/i,
  /(?:أريد|اريد|تحدث|التحدث)[^.؟!]{0,25}(?:شخص|موظف|إنسان|انسان)/,
]

/** “I do not want a person”, “no need for an agent”; and agents that are no people. */
const declining: readonly RegExp[] = [
  new RegExp(String.raw`\b(?:do not|don['’]?t|no need|not necessary|without|rather not|instead of)\b[^.?!]{0,30}\b${person}\b`, 'i'),
  new RegExp(String.raw`\b${person}\b[^.?!]{0,30}\b(?:told|said|called|charged|stole|took|used|sent|gave|already|yesterday|last week)\b`, 'i'),
  /\b(?:another|other|third|second|different|same|authori[sz]ed)\s+person\b/i,
  /\b(?:in|per) person\b/i,
  /\bpersonal\b(?!.*\bperson\b)/i,
]

/**
 * Whether the customer asks for a person.
 * @example
 * asksForPerson('Can I talk to a human, please?') // true
 * asksForPerson('The person at the till said no') // false
 */
export function asksForPerson(text: string): boolean {
  return elsewhere.some((rule) => rule.test(text)) || (asking.some((rule) => rule.test(text)) && !declining.some((rule) => rule.test(text)))
}
