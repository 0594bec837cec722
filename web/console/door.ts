import { battutaClient } from '../../src/client/index.ts'

/** This console's server. */
export const door = battutaClient({ url: location.origin })
