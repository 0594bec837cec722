/** What Harbour Bank says, and to which of its 77 intents it says it. app.ts gives it the live values. */
import type { FlowIntent } from './intents.ts'
import type { Intent } from './models/labels.ts'

export const texts = {
  pardon: 'I did not quite get that.',
  askBack: 'I want to get this right: is it about a card, a transfer, a top-up, or something else? A few more words will do.',
  cardDelivery:
    'You can follow a new card under Cards › Delivery, where its status changes as it moves. If the address there is wrong, correct it before you order again.',
  cardSetUp:
    'Open Cards, choose the card and tap “Activate” or “Link a card”; the app asks for the long number and the expiry date. A card you found again is unfrozen in the same place.',
  newCard:
    'You can order a card under Cards › Add a card: a plastic one, a spare one, or the successor of one that expires soon. The app shows any fee before you confirm.',
  virtualCard:
    'Virtual cards are made under Cards › Add a card › Virtual. A disposable one changes its number after each payment; its limits are shown on the card itself. Hotels and subscriptions, which charge again later, need a lasting one.',
  cardBrand: 'Whether your card is a Visa or a Mastercard is printed on its front and shown under Cards. Where both are offered, you choose when you order.',
  whereCardWorks:
    'Your card works wherever its brand is shown: shops, web shops and cash machines, at home and abroad. Under Help › Countries the app lists where we can open accounts and send cards.',
  cardTrouble:
    'Please check three things under Cards: that the card is active, not frozen, and that the kind of payment (online, contactless, abroad) is switched on. The first contactless payment needs the PIN once.',
  pin: 'You see and change your PIN under Cards › PIN; the app asks for your passcode first. A new PIN counts from the next time the card is put into a machine.',
  passcode:
    'On the sign-in page tap “Forgotten passcode”. After an identity check in the app you choose a new one. Please never tell it to anybody, to us neither.',
  lostCard:
    'Please freeze the card at once: Cards › Freeze. Nobody can pay with it from that second. If it is gone for good, choose “Report lost or stolen” there, and order another.',
  lostPhone:
    'Please sign your phone out: on our website, Security › Devices, choose the phone and tap “Remove”. Your money stays behind your passcode. After that, ask your network to block the SIM.',
  cardSwallowed:
    'A cash machine that keeps a card usually belongs to another bank, which destroys it. Please freeze it under Cards › Freeze, and order a new one if it does not come back.',
  unknownPayment:
    'If you do not recognise a payment, open it and compare the date and the amount: shops often book under another name. If it still is not yours, freeze the card and tap “Report a problem” on that payment.',
  chargedTwice:
    'Two equal lines are often one payment and its reservation, and the reservation falls away by itself. If both are booked, tap “Report a problem” on the second, and it is looked into.',
  refund:
    'A refund starts at the shop: ask there first, and keep what they write. It comes back to the card that paid, as its own line. If the shop refuses, tap “Report a problem” on the payment.',
  pendingPayment:
    'Pending means that the amount is reserved and the shop or the cash machine has not yet claimed it. It is then booked, or it falls away and the money is free again. I cannot make that faster.',
  wrongCash:
    'If a machine paid out less than was booked, please keep the receipt, open the withdrawal and tap “Report a problem”: say how much you received. Do not withdraw again at that machine.',
  fees: 'Every fee stands in its own line under the payment it belongs to: tap the payment to see which it is. The full list for your account is under Profile › Fees. If a line is not on that list, report it there.',
  exchange:
    'The rate is shown before you exchange, and afterwards on the payment. It moves with the market, and shops may book a day or two later than you paid. Currencies you can hold are listed under Accounts › Add a currency.',
  cancelTransfer:
    'A transfer that is still pending can be cancelled: open it and tap “Cancel”. Once it has arrived we cannot take it back; then only the person who received it can return it.',
  transferRefused:
    'A transfer that is refused never leaves your account. Most often the IBAN has a slip, the limit is used up, or the payee is not confirmed: open the transfer to see which, mend it, and send it again.',
  receiving:
    'Your account details for incoming money are under Accounts › Details. Transfers from other banks and deposits show up when the other side has sent them through; until then I cannot see them either.',
  topUp:
    'You can top up under Accounts › Add money: by card, by bank transfer, with Apple Pay or Google Pay, or automatically below an amount you choose. The page shows the limits and which cards and currencies it takes; cash and cheques it does not.',
  identity:
    'The law asks a bank to know who its customers are and where their money comes from. Under Profile › Identity the app takes you through it. If a photo is refused, try again in daylight, without a flash, with all four corners in the picture.',
  details: 'You change your name, address, phone and e-mail under Profile › Details. For a new name the app asks for a document that shows it.',
  age: 'How old one must be depends on the country and the account: Help › Opening an account lists both. Accounts for children are opened by a parent.',
  closeAccount:
    'You close an account under Profile › Close account. It must be empty first: send the rest to another account, and save your statements, since the app no longer shows them afterwards.',
} as const

/** Answers that look at the customer's live features first. */
export type LiveAnswer = 'declined' | 'topUpTrouble' | 'transferOnItsWay'

/** The intents that no flow resolves. */
export const answerTo: Readonly<Record<Exclude<Intent, FlowIntent>, keyof typeof texts | LiveAnswer>> = {
  activate_my_card: 'cardSetUp',
  age_limit: 'age',
  apple_pay_or_google_pay: 'topUp',
  atm_support: 'whereCardWorks',
  automatic_top_up: 'topUp',
  balance_not_updated_after_bank_transfer: 'receiving',
  balance_not_updated_after_cheque_or_cash_deposit: 'receiving',
  beneficiary_not_allowed: 'transferRefused',
  cancel_transfer: 'cancelTransfer',
  card_about_to_expire: 'newCard',
  card_acceptance: 'whereCardWorks',
  card_arrival: 'cardDelivery',
  card_delivery_estimate: 'cardDelivery',
  card_linking: 'cardSetUp',
  card_not_working: 'cardTrouble',
  card_payment_fee_charged: 'fees',
  card_payment_not_recognised: 'unknownPayment',
  card_payment_wrong_exchange_rate: 'exchange',
  card_swallowed: 'cardSwallowed',
  cash_withdrawal_charge: 'fees',
  cash_withdrawal_not_recognised: 'unknownPayment',
  change_pin: 'pin',
  compromised_card: 'lostCard',
  contactless_not_working: 'cardTrouble',
  country_support: 'whereCardWorks',
  declined_card_payment: 'declined',
  declined_cash_withdrawal: 'declined',
  declined_transfer: 'transferRefused',
  direct_debit_payment_not_recognised: 'unknownPayment',
  disposable_card_limits: 'virtualCard',
  edit_personal_details: 'details',
  exchange_charge: 'fees',
  exchange_rate: 'exchange',
  exchange_via_app: 'exchange',
  extra_charge_on_statement: 'fees',
  failed_transfer: 'transferRefused',
  fiat_currency_support: 'exchange',
  get_disposable_virtual_card: 'virtualCard',
  get_physical_card: 'pin',
  getting_spare_card: 'newCard',
  getting_virtual_card: 'virtualCard',
  lost_or_stolen_card: 'lostCard',
  lost_or_stolen_phone: 'lostPhone',
  order_physical_card: 'newCard',
  passcode_forgotten: 'passcode',
  pending_card_payment: 'pendingPayment',
  pending_cash_withdrawal: 'pendingPayment',
  pending_top_up: 'topUpTrouble',
  receiving_money: 'receiving',
  Refund_not_showing_up: 'refund',
  request_refund: 'refund',
  'reverted_card_payment?': 'refund',
  supported_cards_and_currencies: 'topUp',
  terminate_account: 'closeAccount',
  top_up_by_bank_transfer_charge: 'fees',
  top_up_by_card_charge: 'fees',
  top_up_by_cash_or_cheque: 'topUp',
  top_up_limits: 'topUp',
  topping_up_by_card: 'topUp',
  transaction_charged_twice: 'chargedTwice',
  transfer_fee_charged: 'fees',
  transfer_into_account: 'receiving',
  transfer_timing: 'transferOnItsWay',
  unable_to_verify_identity: 'identity',
  verify_my_identity: 'identity',
  verify_source_of_funds: 'identity',
  verify_top_up: 'topUpTrouble',
  virtual_card_not_working: 'cardTrouble',
  visa_or_mastercard: 'cardBrand',
  why_verify_identity: 'identity',
  wrong_amount_of_cash_received: 'wrongCash',
  wrong_exchange_rate_for_cash_withdrawal: 'exchange',
}

export function sorry(messages: number): string {
  const again = messages > 2 ? ' You have had to write several times, and that is too often.' : ''
  return `I am sorry for the trouble.${again} Tell me in one sentence what must be put right first, and I start there.`
}

const whyDeclined = {
  limit: 'It would have gone over the card’s limit: you see and change it under Cards › Limits.',
  blocked: 'The card is frozen: if that was you, unfreeze it under Cards; if it was not, leave it so and report it there.',
  funds: 'The account did not hold enough for it: please add money and try again.',
  pin: 'The PIN was not right: you see it under Cards › PIN.',
}

export function declined(declines: number, merchant: string | null | undefined, reason: keyof typeof whyDeclined | null | undefined): string {
  if (declines === 0) {
    return 'I see no declined payment in the last five minutes. Under Cards, please check that the card is not frozen and that its limit is not used up.'
  }
  const where = merchant ? `, most recently at ${merchant}` : ''
  return `I see your card was declined ${times(declines)} in the last five minutes${where}. ${reason ? whyDeclined[reason] : 'Under Cards you see why.'}`
}

const ways = { card: 'card', bank: 'bank transfer', wallet: 'wallet' }

export function topUpTrouble(failures: number, method: keyof typeof ways | null | undefined): string {
  if (failures === 0) {
    return 'I see no failed top-up in the last hour. A pending one is with the other bank until it confirms; if it is returned, the money goes back to where it came from.'
  }
  const by = method ? ` by ${ways[method]}` : ''
  return `I see that your top-up${by} failed ${times(failures)} in the last hour. Nothing was added to your account; please try another way under Accounts › Add money.`
}

const transferNews = {
  pending: 'Your last transfer is still pending: it has left your account and has not been confirmed by the other bank. You can follow it under Payments.',
  arrived: 'The other bank has confirmed your last transfer. If the payee does not see it, please compare the IBAN on the transfer with theirs.',
  returned:
    'Your last transfer was returned by the other bank, and the money comes back to your account. Please check the payee’s IBAN before you send it again.',
}

export function transferOnItsWay(state: keyof typeof transferNews | null | undefined): string {
  if (state) return transferNews[state]
  return 'I see no transfer of yours in the last day. Under Payments each transfer shows its state; one to another bank is done when that bank confirms it.'
}

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`
}
