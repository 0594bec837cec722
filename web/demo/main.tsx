import { render } from 'preact'
import '../shared/base.css'
import '../shared/controls.css'
import { startTheme } from '../shared/theme.ts'
import { BankPage } from './bank-page.tsx'
import { startConversation } from './conversation.ts'

startTheme()
startConversation()
render(<BankPage />, document.getElementById('app') as HTMLElement)
