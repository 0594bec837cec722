/** Reply shapes the system tests read. */
import type { FeatureReply } from '../../src/definition/index.ts'

export type { DecisionBrief, DecisionReply, Page, ReplayReply } from '../../src/definition/index.ts'

export interface FeaturesPage {
  readonly features: Readonly<Record<string, FeatureReply>>
}
