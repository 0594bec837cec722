/** Puts text on the clipboard; on plain http, where browsers have no clipboard, by the old way through a selection. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'aside-text'
    const parent = document.querySelector('dialog[open]') ?? document.body
    parent.append(field)
    field.select()
    const copied = document.execCommand('copy')
    field.remove()
    return copied
  }
}
