/** `/openapi.json` and `/asyncapi.json`, made from the table of doors and from the app that runs. */
import { asyncapiOf } from './asyncapi.ts'
import type { Entrance } from './entrance.ts'
import { openapiOf } from './openapi.ts'

export function descriptionDoors({ house, open }: Entrance): void {
  open('openapi', () => openapiOf(house.parts().app, house.parts().appVersion))
  open('asyncapi', () => asyncapiOf(house.parts().app, house.parts().appVersion))
}
