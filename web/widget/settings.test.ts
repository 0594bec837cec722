import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsOf } from './settings.ts'

test('the server is where the script came from, below any path', () => {
  const server = (src: string) => settingsOf(src, {}, []).server
  assert.equal(server('https://battuta.example/widget.js'), 'https://battuta.example')
  assert.equal(server('https://bank.example/support/widget.js?v=2'), 'https://bank.example/support')
  assert.equal(server('http://127.0.0.1:4321/widget.js'), 'http://127.0.0.1:4321')
})

test('without attributes the widget has a name, the customer’s language and theme, and the end of the line', () => {
  assert.deepEqual(settingsOf('https://battuta.example/widget.js', {}, ['de-AT']), {
    server: 'https://battuta.example',
    name: 'battuta.example',
    accent: '',
    locales: ['de-AT'],
    side: 'end',
    theme: null,
  })
})

test('attributes win over what the browser says, and what is not known is let be', () => {
  const settings = settingsOf('https://b.example/widget.js', { name: ' Harbour Bank ', locale: 'fr', position: 'left', theme: 'dark' }, ['de'])
  assert.deepEqual([settings.name, settings.locales, settings.side, settings.theme], ['Harbour Bank', ['fr', 'de'], 'left', 'dark'])
  const odd = settingsOf('https://b.example/widget.js', { position: 'top', theme: 'pink' }, ['de'])
  assert.deepEqual([odd.side, odd.theme], ['end', null])
})
