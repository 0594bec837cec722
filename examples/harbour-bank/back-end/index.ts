/**
 * The door to the bank. It is opened by the first tool that asks: loading the app, or deciding, touches no file.
 * `HARBOUR_BANK_DB` names the file; without it, it is `harbour-bank.db` in `BATTUTA_DATA`, or in `./data`.
 */
import { join } from 'node:path'
import { openBank } from './bank.ts'
import type { Bank } from './bank.ts'

export { accountsOf, blockReasons, ownCheck, topUpReasons } from './accounts.ts'
export type { TopUp, Transfer } from './accounts.ts'
export { dayOf } from './calendar.ts'
export { cardRefusals, refundRefusals, retryRefusals, traceRefusals } from './bank.ts'

let opened: Bank | undefined

export function bank(): Bank {
  return (opened ??= openBank(bankFile(process.env)))
}

/** Takes the bank in this file, from now on. For tests. */
export function useBank(file: string): void {
  closeBank()
  opened = openBank(file)
}

export function closeBank(): void {
  opened?.close()
  opened = undefined
}

export function bankFile(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['HARBOUR_BANK_DB'] || join(environment['BATTUTA_DATA'] || 'data', 'harbour-bank.db')
}
