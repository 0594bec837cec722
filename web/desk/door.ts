import { battutaClient } from '../../src/client/index.ts'

/** This desk's server. */
export const door = battutaClient({ url: location.origin })
