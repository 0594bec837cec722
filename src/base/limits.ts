/** Every limit that more than one room needs, with its unit in its name. A room's own limits stand in that room. */
export const limits = {
  /** How far an event's time may lie ahead of its receipt. */
  eventAheadMsMax: 60_000,
  /** One CloudEvent on the wire. */
  eventBytesMax: 64 * 1024,
  /** Events in one batch. */
  batchEventsMax: 1_000,
  /** A request body. */
  bodyBytesMax: 4 * 1024 * 1024,
  /** Characters of one chat message. */
  messageCharsMax: 4_000,
  /** A policy's budget when it names none. */
  budgetMsDefault: 300,
  /** The longest budget a policy or a request may name. */
  budgetMsMax: 60_000,
  /** Items of one page of a list. */
  pageItemsMax: 200,
  pageItemsDefault: 50,
  /** Characters of an id that comes from outside: event id, source, subject. */
  idCharsMax: 256,
} as const
