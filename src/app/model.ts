/** Models: what may be asked of a text. */
import type { ModelDraft } from './draft.ts'

/**
 * A linear text model that runs in this process. `battuta train` writes its labels as a type beside it.
 * @example
 * linear<Intent>('intent') // models/intent.model beside the app file
 */
export function linear<Label extends string = string>(file: string): ModelDraft<Label> {
  return Object.freeze({ kind: 'model', backend: 'linear', file })
}
