/** Freezes plain data to its leaves. Schemas and functions belong to their libraries and stay as they are. */
export function deepFreeze<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null || Object.isFrozen(data)) return data
  for (const [key, value] of Object.entries(data)) if (key !== 'schema') deepFreeze(value)
  return Object.freeze(data)
}
