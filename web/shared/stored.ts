/** What a browser keeps for itself. Storage may be switched off, so nothing depends on it. */

export function readStored(name: string, kind: 'local' | 'session' = 'local'): string | null {
  try {
    return storage(kind).getItem(name)
  } catch {
    return null
  }
}

export function writeStored(name: string, value: string | null, kind: 'local' | 'session' = 'local'): void {
  try {
    if (value === null) storage(kind).removeItem(name)
    else storage(kind).setItem(name, value)
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}

function storage(kind: 'local' | 'session'): Storage {
  return kind === 'local' ? localStorage : sessionStorage
}
