import { render } from 'preact'
import '../shared/base.css'
import '../shared/controls.css'
import { startTheme } from '../shared/theme.ts'
import { App } from './app.tsx'
import { startNavigation } from './navigation.ts'

startTheme()
startNavigation()
render(<App />, document.getElementById('app') as HTMLElement)
