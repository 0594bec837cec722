import { NotLive } from '../not-live.tsx'
import { Customer } from './customer.tsx'
import { Lookup } from './lookup.tsx'
import './customers-page.css'

export function CustomersPage({ id, open }: { id: string | null; open: string | null }) {
  return (
    <main id="main" class="page customers">
      <NotLive />
      {id === null ? <Lookup /> : <Customer key={id} id={id} open={open} />}
    </main>
  )
}
