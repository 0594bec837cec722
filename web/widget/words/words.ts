/** What the widget says. `{…}` stands for what `fill` puts in. */
import type { Notice } from '../../../src/client/index.ts'

export interface Words {
  readonly chatWith: string
  readonly conversation: string
  readonly minimise: string
  readonly close: string
  readonly ai: string
  readonly aiMore: string
  readonly assistant: string
  readonly colleague: string
  readonly colleagueOf: string
  readonly you: string
  readonly assistantHere: string
  readonly personHere: string
  readonly personComing: string
  readonly connecting: string
  readonly noConnection: string
  readonly kept: string
  readonly tryingIn: string
  readonly now: string
  readonly tryNow: string
  readonly askPerson: string
  readonly personAnswers: string
  readonly personWillAnswer: string
  readonly write: string
  readonly send: string
  readonly attach: string
  readonly dropHere: string
  readonly full: string
  readonly sending: string
  readonly waits: string
  readonly sent: string
  readonly delivered: string
  readonly seen: string
  readonly notSent: string
  readonly tryAgain: string
  readonly discard: string
  readonly assistantWrites: string
  readonly colleagueWrites: string
  readonly newBelow: string
  /** By the plural's category (CLDR). */
  readonly unread: { readonly other: string } & Partial<Record<Intl.LDMLPluralRule, string>>
  readonly uploading: string
  readonly stillUploading: string
  readonly cancel: string
  readonly remove: string
  readonly download: string
  readonly downloadFailed: string
  readonly uploadFailed: string
  readonly fileTooLarge: string
  readonly fileEmpty: string
  readonly fileType: string
  readonly tooManyFiles: string
  /** Why a message was refused, by the server's code; others are told in the server's own words. */
  readonly refusals: Readonly<Record<'MESSAGE_INVALID' | 'ATTACHMENT_REFUSED' | 'CHAT_TOKEN_INVALID', string>>
  /** After the team in a notice of `joined`. */
  readonly aPerson: string
  readonly notices: Readonly<Record<Notice['kind'], readonly [title: string, more: string]>>
}
