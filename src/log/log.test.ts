/** The contract, against the drivers that need no server. What only one of them has is tested beside it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realWorld } from '../base/index.ts'
import { logContract } from './contract.ts'
import { MemoryDisk, openLmdbLog, openMemoryLog } from './index.ts'

logContract(
  'memory',
  async () => {
    const disk = new MemoryDisk()
    return { open: async (partitions) => openMemoryLog(realWorld(), { partitions, disk }), dispose: async () => undefined }
  },
  { histories: 40 },
)

logContract(
  'memory that tells offsets when durable',
  async () => {
    const disk = new MemoryDisk()
    return { open: async (partitions) => openMemoryLog(realWorld(), { partitions, disk, offsets: 'when durable' }), dispose: async () => undefined }
  },
  { histories: 20, offsets: 'when durable' },
)

logContract(
  'lmdb',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'battuta-log-'))
    return {
      open: (partitions) => openLmdbLog(realWorld(), { folder, partitions }),
      dispose: () => rm(folder, { recursive: true }),
    }
  },
  { histories: 8 },
)
