/** Freezes plain data to its leaves. Schemas and functions belong to their libraries and stay as they are. */
export function deepFreeze<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null || '~standard' in data || Object.isFrozen(data)) return data
  for (const value of Object.values(data)) deepFreeze(value)
  return Object.freeze(data)
}
