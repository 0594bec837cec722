/** What `bin/battuta.js` runs. Ends the process when the command has ended, whatever a user's app file left open. */
import { main } from './main.ts'

process.exit(await main(process.argv.slice(2)))
