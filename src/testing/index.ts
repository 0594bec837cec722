export { simulatedWorld } from './simulated-world.ts'
export type { SimulatedWorld } from './simulated-world.ts'
export { testApp } from './test-app.ts'
export type { SendOptions, TestApp, TestAppOptions } from './test-app.ts'
