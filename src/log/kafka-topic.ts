/** The topic that holds a log: made where there is none, and checked to be one that can hold it (L5). */
import { BattutaError } from '../base/index.ts'
import { chunkLimits } from './chunk.ts'
import { failure, kafkaCodes, kafkaLimits } from './kafka-cluster.ts'
import type { KafkaCluster } from './kafka-cluster.ts'

const partitionsDefault = 16

/** Battuta drops what it no longer needs itself, so a new topic keeps everything; entries are never compacted. */
const topicConfigs = [
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
] as const

/** Makes the topic where there is none, waits until every partition has a leader that answers, and checks what it is. */
export async function ensureTopic(cluster: KafkaCluster, partitions: number | undefined): Promise<void> {
  const { topic } = cluster.address
  await cluster.patiently('opening', () => cluster.refresh())
  if (cluster.leaders.length === 0) {
    await cluster.patiently('making', () => createTopic(cluster, partitions ?? partitionsDefault))
  }
  // A topic that was just made is known before its partitions take writes: the offsets come from the leaders themselves.
  await cluster.patiently('opening', async () => {
    await cluster.refresh()
    if (cluster.leaders.length === 0) throw failure(kafkaCodes.unknownTopic, true, 'the topic is not there yet')
    await cluster.offsets('latest')
  })
  const found = cluster.leaders.length
  if (partitions !== undefined && partitions !== found) {
    throw new BattutaError('CONFIG_INVALID', `Kafka topic “${topic}” has ${found} partitions, not ${partitions}: set ${found}, or name another topic prefix`)
  }
  checkPartitions(found)
  const policy = await cluster.patiently('opening', () => cleanupPolicy(cluster))
  if (policy.includes('compact')) {
    throw new BattutaError(
      'CONFIG_INVALID',
      `Kafka topic “${topic}” is compacted (cleanup.policy=${policy}), and a log keeps every entry: set cleanup.policy=delete`,
    )
  }
}

async function createTopic(cluster: KafkaCluster, partitions: number): Promise<void> {
  const { client, address } = cluster
  const topic = { name: address.topic, numPartitions: partitions, replicationFactor: -1, assignments: [], configs: [...topicConfigs] }
  await cluster.any((connection) => client.createTopicsV7.api.async(connection, [topic], kafkaLimits.replicateMsMax, false), [kafkaCodes.topicExists])
}

async function cleanupPolicy(cluster: KafkaCluster): Promise<string> {
  const { client, address } = cluster
  const resources = [{ resourceType: client.ConfigResourceTypes.TOPIC, resourceName: address.topic, configurationKeys: ['cleanup.policy'] }]
  const answer = await cluster.any((connection) => client.describeConfigsV4.api.async(connection, resources, false, false))
  return answer.results[0]?.configs[0]?.value ?? ''
}

export function checkPartitions(partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= chunkLimits.partitionsMax) return
  throw new BattutaError('CONFIG_INVALID', `a log cannot have ${partitions} partitions: set 1 to ${chunkLimits.partitionsMax}`)
}
