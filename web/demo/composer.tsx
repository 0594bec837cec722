import { useRef, useState } from 'preact/hooks'
import { Icon } from '../shared/icon.tsx'
import { say } from './conversation.ts'

/** What the server takes in one message. */
const charsMax = 4_000

export function Composer() {
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [full, setFull] = useState(false)
  const send = () => {
    const words = text.trim()
    if (words === '') return
    const taken = say(words)
    setFull(!taken)
    if (taken) setText('')
    field.current?.focus()
  }
  const press = (event: KeyboardEvent) => {
    // Enter that ends a composition (Japanese, Chinese, …) chooses a word and sends nothing.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {full && (
        <p class="chat-progress strained" role="status">
          Too many messages wait for the connection. This one is kept here.
        </p>
      )}
      <label class="aside-text" for="chat-text">
        Write a message
      </label>
      <textarea
        id="chat-text"
        ref={field}
        rows={1}
        maxLength={charsMax}
        value={text}
        placeholder="Write a message"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
        enterkeyhint="send"
        autocomplete="off"
      />
      <button aria-label="Send">
        <Icon name="send" />
      </button>
    </form>
  )
}
