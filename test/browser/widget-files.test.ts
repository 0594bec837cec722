/** Files in the widget: by button, drop and paste; checked before they go, shown while they go, and never drawn. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { noBrowser, openStage, suiteMsMax } from './browser.ts'
import type { Stage } from './browser.ts'
import { bubbles, field, openChat, until, write } from './chat-page.ts'

const png = { name: 'receipt.png', mimeType: 'image/png', buffer: Buffer.alloc(90_000) }

describe('files', { skip: noBrowser, timeout: suiteMsMax }, () => {
  let stage: Stage
  before(async () => {
    stage = await openStage()
  })
  after(() => stage[Symbol.asyncDispose]())
  beforeEach(() => {
    stage.fixture.chat.reset()
    stage.fixture.asked.length = 0
  })

  const open = async (): Promise<Page> => {
    const { page } = await stage.open('/demo', { signedIn: false })
    await openChat(page)
    return page
  }
  const choose = (page: Page, ...files: (typeof png)[]): Promise<void> => page.locator('input[type=file]').setInputFiles(files)
  const uploads = (): string[] => stage.fixture.asked.filter((path) => path.startsWith('POST /v1/chat/attachments'))
  const hold = (): (() => void) => {
    let release = (): void => {}
    stage.fixture.chat.holdUploads = new Promise((resolve) => (release = resolve))
    return release
  }

  test('a file goes with the message, is named and measured there, and no picture is drawn', async () => {
    const page = await open()
    await choose(page, png)
    await page.getByRole('button', { name: 'Remove receipt.png' }).waitFor()
    await write(page, 'here it is')
    await page.getByText('You said: here it is').waitFor()
    const [message] = stage.fixture.chat.said
    assert.deepEqual(message?.attachments, [{ id: 'att_1', name: 'receipt.png', type: 'image/png', bytes: 90_000 }])
    assert.deepEqual(uploads(), ['POST /v1/chat/attachments?name=receipt.png'])
    await page.getByRole('button', { name: 'Download receipt.png 88 kB' }).waitFor()
    assert.equal(await page.locator('img, .panel [style*=url]').count(), 0)
    assert.equal(await page.locator('.draft-file').count(), 0, 'and the field is empty again')
    await page.context().close()
  })

  test('a file alone is a message, and a name in any script arrives as it is', async () => {
    const page = await open()
    const name = 'Überweisung 100% & ملف.png'
    await choose(page, { ...png, name })
    await page.getByRole('button', { name: `Remove ${name}` }).waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await until(() => stage.fixture.chat.said[0]?.attachments?.[0]?.name === name, 'the name arrives')
    assert.equal(stage.fixture.chat.said[0]?.text, '')
    await page.context().close()
  })

  test('what the server would refuse is refused here, with reason and mend, and nothing is sent for it', async () => {
    const page = await open()
    await choose(
      page,
      { ...png, name: 'photo.heic', mimeType: 'image/heic' },
      { ...png, name: 'large.png', buffer: Buffer.alloc(5 * 1024 * 1024 + 1) },
      { ...png, name: 'nothing.png', buffer: Buffer.alloc(0) },
    )
    await page.getByText('Not sent: Files of this type are not taken. Send a PNG, JPEG, GIF, WebP, PDF or text file.').waitFor()
    await page.getByText('Not sent: It has 5 MB; at most 5 MB can be sent. Send a smaller version.').waitFor()
    await page.getByText('Not sent: The file is empty. Choose another.').waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    assert.deepEqual([uploads(), stage.fixture.chat.said], [[], []])
    await page.getByRole('button', { name: 'Remove photo.heic' }).click()
    assert.equal(await page.getByText('photo.heic').count(), 0)
    await page.context().close()
  })

  test('what the server itself refuses says why', async () => {
    stage.fixture.chat.refuseUploads = true
    const page = await open()
    await choose(page, png)
    await page.getByText('Not sent: The server does not take this file.', { exact: false }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0, 'the same file would be refused again')
    await page.context().close()
  })

  test('an upload shows how far it is and can be cancelled; the message waits for it', async () => {
    const release = hold()
    const page = await open()
    await choose(page, png, { ...png, name: 'second.png' })
    await page.getByRole('progressbar', { name: 'receipt.png' }).waitFor()
    await write(page, 'both')
    await page.getByText('A file is still uploading. The message can go when it is done.').waitFor()
    assert.equal(await field(page).inputValue(), 'both')
    await page.getByRole('button', { name: 'Cancel second.png' }).click()
    release()
    await page.getByRole('button', { name: 'Remove receipt.png' }).waitFor()
    await page.keyboard.press('Tab')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('You said: both').waitFor()
    assert.deepEqual(
      stage.fixture.chat.said[0]?.attachments?.map(({ name }) => name),
      ['receipt.png'],
    )
    await page.context().close()
  })

  test('an upload that breaks off can be tried again', async () => {
    const page = await open()
    await page.route('**/v1/chat/attachments?*', (route) => route.abort())
    await choose(page, png)
    await page.getByText('Not sent: The upload was interrupted.', { exact: false }).waitFor()
    await page.unroute('**/v1/chat/attachments?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Remove receipt.png' }).waitFor()
    assert.equal(await page.locator('.draft-ready').count(), 1)
    await page.context().close()
  })

  test('a file that is up survives a reload beside the words', async () => {
    const page = await open()
    await choose(page, png)
    await page.locator('.draft-ready').waitFor()
    await field(page).fill('with th')
    await page.reload()
    await page.locator('.draft-ready').waitFor()
    await page.getByText('Assistant, AI, answers at once').waitFor()
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('You said: with th').waitFor()
    assert.equal(stage.fixture.chat.said[0]?.attachments?.length, 1)
    await page.context().close()
  })

  test('files are dropped on the panel and pasted into the field; words that are pasted stay words', async () => {
    const page = await open()
    for (const [where, type] of [
      ['.panel', 'drop'],
      ['.field', 'paste'],
    ] as const) {
      await page.locator(where).evaluate((element, type) => {
        const data = new DataTransfer()
        data.items.add(new File(['%PDF-'], `by ${type}.pdf`, { type: 'application/pdf' }))
        const init = { bubbles: true, cancelable: true, composed: true }
        if (type === 'drop') for (const name of ['dragover', 'drop']) element.dispatchEvent(new DragEvent(name, { ...init, dataTransfer: data }))
        else element.dispatchEvent(new ClipboardEvent('paste', { ...init, clipboardData: data }))
      }, type)
      await page.getByRole('button', { name: `Remove by ${type}.pdf` }).waitFor()
    }
    const isPrevented = await field(page).evaluate((element) => {
      const data = new DataTransfer()
      data.setData('text/plain', 'words')
      return !element.dispatchEvent(new ClipboardEvent('paste', { cancelable: true, clipboardData: data }))
    })
    assert.equal(isPrevented, false)
    await page.getByRole('button', { name: 'Send' }).click()
    await until(() => stage.fixture.chat.said[0]?.attachments?.length === 2, 'both are sent')
    assert.equal((await bubbles(page)).length, 1, 'the bot’s; files stand in a list of their own')
    await page.context().close()
  })

  test('no more than ten files go with one message', async () => {
    const page = await open()
    await choose(page, ...Array.from({ length: 11 }, (_, index) => ({ ...png, name: `${index}.png` })))
    await page.getByText('At most 10 files go with one message. Send this one with the next.', { exact: false }).waitFor()
    await until(() => uploads().length === 10, 'ten are up')
    await page.context().close()
  })
})
